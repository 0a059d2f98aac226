package dev.sluice.common.config.reference;

import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.config.binding.Doc;
import dev.sluice.common.config.binding.Key;
import dev.sluice.common.config.binding.ScalarType;
import dev.sluice.common.config.binding.ScalarTypes;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Writes the JSON Schema (draft 2020-12) of `sluice.yaml` for editors.
///
/// It is as lenient as the loader: any value may be a text with a `${VAR}` in it, a number may
/// stand for a text. What only the loader can judge, such as ranges and names, it leaves to it.
public final class ConfigSchema {
    private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";
    private static final String REFERENCE = "\\$\\{";

    private final JsonMapper mapper = JsonMapper.builder().build();
    private final TreeMap<String, ObjectNode> definitions = new TreeMap<>();

    private ConfigSchema() {}

    /// The schema, indented, with a final line end.
    public static String json() {
        return new ConfigSchema().write() + "\n";
    }

    private String write() {
        ObjectNode root = mapper.createObjectNode();
        root.put("$schema", DIALECT);
        root.put("title", "sluice.yaml");
        root.setAll(object(SluiceConfig.class));
        ObjectNode defs = root.putObject("$defs");
        definitions.forEach(defs::set);
        return mapper.writerWithDefaultPrettyPrinter()
                .writeValueAsString(root)
                .replace("\r\n", "\n");
    }

    private ObjectNode object(Class<?> type) {
        ObjectNode schema = mapper.createObjectNode();
        @Nullable Doc doc = type.getAnnotation(Doc.class);
        if (doc != null) {
            schema.put("description", doc.value());
        }
        schema.put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        List<String> required = Key.of(type).stream().filter(Key::required).map(Key::name).toList();
        for (Key key : Key.of(type)) {
            ObjectNode property = of(key.type());
            if (key.description() != null) {
                property.put("description", key.description());
            }
            if (key.fallback() != null && !key.fallback().equals("{}")) {
                property.set("default", value(key.type(), key.fallback()));
            }
            properties.set(key.name(), property);
        }
        if (!required.isEmpty()) {
            schema.set("required", mapper.valueToTree(required));
        }
        schema.put("additionalProperties", false);
        return schema;
    }

    private JsonNode value(Type type, String text) {
        return type == int.class
                        || type == long.class
                        || type == double.class
                        || type == boolean.class
                ? mapper.readTree(text)
                : mapper.getNodeFactory().stringNode(text);
    }

    private ObjectNode of(Type type) {
        ObjectNode schema = mapper.createObjectNode();
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            boolean list = generic.getRawType() == List.class;
            schema.put("type", list ? "array" : "object");
            schema.set(
                    list ? "items" : "additionalProperties", of(arguments[arguments.length - 1]));
            return schema;
        }
        Class<?> plain = (Class<?>) type;
        if (plain == JsonNode.class) {
            return schema;
        }
        @Nullable ScalarType scalar = ConfigLoader.SCALARS.of(plain);
        return scalar == null ? reference(schema, plain) : scalar(schema, plain, scalar);
    }

    private ObjectNode reference(ObjectNode schema, Class<?> type) {
        String name = name(type);
        if (!definitions.containsKey(name)) {
            // Its place is taken before it is filled, in case it comes to hold itself.
            ObjectNode definition = mapper.createObjectNode();
            definitions.put(name, definition);
            definition.setAll(object(type));
        }
        return schema.put("$ref", "#/$defs/" + name);
    }

    /// With the record around it, so that `Tls` in two of them is two definitions.
    private static String name(Class<?> type) {
        @Nullable Class<?> outer = type.getEnclosingClass();
        return (outer == null ? "" : name(outer)) + type.getSimpleName().replace("Config", "");
    }

    private ObjectNode scalar(ObjectNode schema, Class<?> type, ScalarType scalar) {
        if (type.isEnum()) {
            var choices = schema.putArray("anyOf");
            var constants = choices.addObject().putArray("enum");
            for (Object constant : type.getEnumConstants()) {
                constants.add(ScalarTypes.spelled((Enum<?>) constant));
            }
            choices.addObject().put("type", "string").put("pattern", REFERENCE);
            return schema;
        }
        schema.set("type", mapper.valueToTree(types(scalar)));
        if (scalar.name().equals("duration")) {
            // The one number that is a duration without a unit.
            schema.put("minimum", 0).put("maximum", 0);
        }
        if (scalar.pattern() != null) {
            schema.put("pattern", "^(" + scalar.pattern() + ")$|" + REFERENCE);
        }
        return schema;
    }

    private static List<String> types(ScalarType scalar) {
        return switch (scalar.name()) {
            case "text", "secret" -> List.of("string", "number", "boolean");
            case "whole number", "size", "duration" -> List.of("integer", "string");
            case "number" -> List.of("number", "string");
            case "true or false" -> List.of("boolean", "string");
            default -> List.of("string");
        };
    }
}
