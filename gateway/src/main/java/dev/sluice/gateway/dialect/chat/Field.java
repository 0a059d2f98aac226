package dev.sluice.gateway.dialect.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A value in a client's body, and where it stands. What it is asked for and is not, it refuses in
/// OpenAI's words. JSON's null counts as absent, as it does there.
record Field(@Nullable Field parent, String step, JsonNode value) {

    static Field root(JsonNode body) {
        return new Field(null, "", body);
    }

    /// The field of that name of this object, present or not.
    Field at(String name) {
        return new Field(this, name, value.path(name));
    }

    boolean absent() {
        return value.isMissingNode() || value.isNull();
    }

    /// Where it stands, as `messages[0].content`.
    String path() {
        if (parent == null) {
            return "";
        }
        String before = parent.path();
        return before.isEmpty() || step.startsWith("[") ? before + step : before + "." + step;
    }

    String string() {
        return expect(value.isString(), "a string").value.stringValue();
    }

    String nonEmptyString() {
        String text = string();
        if (text.isEmpty()) {
            throw invalid(
                    "empty_string",
                    "empty string. Expected a string with minimum length 1, but got an empty"
                            + " string instead.");
        }
        return text;
    }

    @Nullable String optionalString() {
        return absent() ? null : string();
    }

    boolean flag() {
        return !absent() && expect(value.isBoolean(), "a boolean").value.booleanValue();
    }

    Field object() {
        return expect(value.isObject(), "an object");
    }

    /// The elements of an array of what `expected` names.
    List<Field> items(String expected) {
        expect(value.isArray(), expected);
        List<Field> items = new ArrayList<>(value.size());
        for (JsonNode item : value) {
            items.add(new Field(this, "[" + items.size() + "]", item));
        }
        return items;
    }

    /// This object's fields but those named, in order, verbatim.
    Map<String, JsonNode> others(Set<String> named) {
        Map<String, JsonNode> others = new LinkedHashMap<>();
        value.forEachEntry((name, field) -> {
            if (!named.contains(name)) {
                others.put(name, field);
            }
        });
        return others;
    }

    Field expect(boolean met, String expected) {
        if (value.isMissingNode()) {
            throw new RefusedException(
                    path(),
                    "Missing required parameter: '" + path() + "'.",
                    "missing_required_parameter");
        }
        if (!met) {
            throw new RefusedException(
                    path(),
                    "Invalid type for '%s': expected %s, but got %s instead."
                            .formatted(path(), expected, kind(value)),
                    "invalid_type");
        }
        return this;
    }

    /// A refusal of a value of the right type.
    RefusedException invalid(String code, String problem) {
        return new RefusedException(path(), "Invalid '" + path() + "': " + problem, code);
    }

    /// A refusal of a value that is none of those there are, given as a sentence's end.
    RefusedException unknownValue(String supported) {
        return new RefusedException(
                path(),
                "Invalid value: '%s'. Supported values are: %s."
                        .formatted(shown(value.asString()), supported),
                "invalid_value");
    }

    /// A refusal of what OpenAI has and an agent cannot do.
    RefusedException unsupported(String code, String problem) {
        return new RefusedException(path(), problem, code);
    }

    /// As much of a client's own text as fits into a message.
    static String shown(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }

    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> "a string";
            case NUMBER -> value.isIntegralNumber() ? "an integer" : "a decimal";
            case BOOLEAN -> "a boolean";
            case ARRAY -> value.isEmpty() ? "an empty array" : "an array";
            case OBJECT -> "an object";
            case NULL, MISSING, BINARY, POJO -> "null";
        };
    }
}
