package dev.sluice.common.config;

import dev.sluice.common.config.binding.Key;
import dev.sluice.common.config.binding.ScalarTypes;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import tools.jackson.databind.JsonNode;

/// Prints a configuration with every default filled in and every secret as `***`.
public final class ConfigDump {
    private ConfigDump() {}

    /// The configuration, or a part of it, as YAML. Queries of URLs are left out too: some servers
    /// want their key there.
    public static String yaml(Record config) {
        DumpSettings settings =
                DumpSettings.builder()
                        .setDefaultFlowStyle(FlowStyle.BLOCK)
                        .setSplitLines(false)
                        .setDereferenceAliases(true)
                        .build();
        return new Dump(settings).dumpToString(tree(config));
    }

    private static Map<String, Object> tree(Record config) {
        Map<String, Object> tree = new LinkedHashMap<>();
        for (Key key : Key.of(config.getClass())) {
            @Nullable Object value = key.of(config);
            if (value != null) {
                tree.put(key.name(), plain(value));
            }
        }
        return tree;
    }

    private static Object plain(Object value) {
        return switch (value) {
            case Secret secret -> secret.toString();
            case ByteSize size -> size.toString();
            case Record config -> tree(config);
            case Duration duration -> ScalarTypes.spelled(duration);
            case Enum<?> constant -> ScalarTypes.spelled(constant);
            case URI uri -> text(uri.toString().replaceFirst("\\?.*", "?***"));
            case JsonNode json -> plain(json);
            case List<?> list -> list.stream().map(ConfigDump::plain).toList();
            case Map<?, ?> map -> {
                Map<Object, Object> plain = new LinkedHashMap<>();
                map.forEach((name, element) -> plain.put(name, plain(element)));
                yield plain;
            }
            case Integer _, Long _, Double _, Boolean _ -> value;
            default -> text(value.toString());
        };
    }

    private static Object plain(JsonNode json) {
        return switch (json.getNodeType()) {
            case OBJECT -> {
                Map<String, Object> plain = new LinkedHashMap<>();
                json.forEachEntry((name, element) -> plain.put(name, plain(element)));
                yield plain;
            }
            case ARRAY ->
                    StreamSupport.stream(json.spliterator(), false).map(ConfigDump::plain).toList();
            case NUMBER -> json.numberValue();
            case BOOLEAN -> json.booleanValue();
            case NULL, MISSING -> Optional.empty();
            case STRING, BINARY, POJO -> text(json.asString());
        };
    }

    /// A text that reads back as it is, where it holds a `${`.
    private static String text(String text) {
        return text.replace("${", "$${");
    }
}
