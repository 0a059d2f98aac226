package dev.sluice.common.config.reference;

import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.config.binding.Doc;
import dev.sluice.common.config.binding.Key;
import dev.sluice.common.config.binding.ScalarType;
import dev.sluice.common.config.binding.ScalarTypes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Writes `docs/configuration.md`: an introduction and a section a record, with every key.
public final class ConfigReference {
    /// Where each record occurs, in the order of the file.
    private final Map<Class<?>, List<String>> sections = new LinkedHashMap<>();

    private final StringBuilder out = new StringBuilder();

    private ConfigReference() {}

    /// The reference, in Markdown.
    public static String markdown() {
        return new ConfigReference().write();
    }

    private String write() {
        collect(SluiceConfig.class, "");
        out.append(introduction());
        sections.forEach(this::section);
        return out.toString();
    }

    private static String introduction() {
        try (InputStream text = ConfigReference.class.getResourceAsStream("introduction.md")) {
            if (text == null) {
                throw new IllegalStateException("introduction.md is not on the class path");
            }
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void collect(Class<?> type, String path) {
        sections.computeIfAbsent(type, _ -> new ArrayList<>()).add(path);
        for (Key key : Key.of(type)) {
            String at = path.isEmpty() ? key.name() : path + "." + key.name();
            if (key.type() instanceof ParameterizedType generic) {
                boolean list = generic.getRawType() == List.class;
                @Nullable Class<?> element = section(element(generic));
                if (element != null) {
                    collect(element, at + (list ? "[]" : ".NAME"));
                }
            } else {
                @Nullable Class<?> nested = section(key.type());
                if (nested != null) {
                    collect(nested, at);
                }
            }
        }
    }

    /// The record that has a section of its own; null for other types.
    private static @Nullable Class<?> section(Type type) {
        return type instanceof Class<?> plain
                        && plain.isRecord()
                        && ConfigLoader.SCALARS.of(plain) == null
                ? plain
                : null;
    }

    private void section(Class<?> type, List<String> paths) {
        out.append("\n## ").append(title(paths)).append("\n\n");
        @Nullable Doc doc = type.getAnnotation(Doc.class);
        if (doc != null) {
            out.append(doc.value()).append("\n\n");
        }
        out.append("| key | type | default | meaning |\n|---|---|---|---|\n");
        for (Key key : Key.of(type)) {
            String meaning = String.valueOf(key.description()).replace("|", "\\|");
            out.append(
                    "| `%s` | %s | %s | %s |\n"
                            .formatted(key.name(), type(key.type()), fallback(key), meaning));
        }
    }

    private static String title(List<String> paths) {
        return paths.getFirst().isEmpty()
                ? "The file"
                : paths.stream().map(path -> "`" + path + "`").collect(Collectors.joining(", "));
    }

    private static String fallback(Key key) {
        if (key.required()) {
            return "required";
        }
        if (key.fallback() != null && !key.fallback().equals("{}")) {
            return "`" + key.fallback() + "`";
        }
        return "";
    }

    private String type(Type type) {
        if (type instanceof ParameterizedType generic) {
            boolean list = generic.getRawType() == List.class;
            return (list ? "list of " : "by name: ") + type(element(generic));
        }
        Class<?> plain = (Class<?>) type;
        if (plain == JsonNode.class) {
            return "anything";
        }
        if (plain.isEnum()) {
            return Stream.of(plain.getEnumConstants())
                    .map(constant -> "`" + ScalarTypes.spelled((Enum<?>) constant) + "`")
                    .collect(Collectors.joining(", "));
        }
        @Nullable ScalarType scalar = ConfigLoader.SCALARS.of(plain);
        if (scalar != null) {
            return scalar.name();
        }
        List<String> paths = sections.getOrDefault(plain, List.of());
        return "[%s](#%s)".formatted(paths.getFirst(), anchor(title(paths)));
    }

    private static Type element(ParameterizedType generic) {
        Type[] arguments = generic.getActualTypeArguments();
        return arguments[arguments.length - 1];
    }

    /// The anchor that GitHub gives a heading.
    private static String anchor(String title) {
        return title.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 _-]", "").replace(' ', '-');
    }
}
