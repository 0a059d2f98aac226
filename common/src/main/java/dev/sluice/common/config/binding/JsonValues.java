package dev.sluice.common.config.binding;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Turns a value of the file into JSON, for the keys that take anything: what is written without
/// quotes and looks like a number, a boolean or null is one.
final class JsonValues {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,99})");
    private static final Pattern FLOAT =
            Pattern.compile("-?(0|[1-9][0-9]{0,99})(\\.[0-9]{1,99})?([eE][-+]?[0-9]{1,3})?");

    private JsonValues() {}

    /// The JSON of `node`; null where something in it was complained about already.
    static @Nullable JsonNode of(Node node) {
        return switch (node) {
            case Node.Broken _ -> null;
            case Node.Scalar scalar -> scalar(scalar);
            case Node.Items list -> {
                ArrayNode array = JSON.arrayNode();
                for (Node item : list.items()) {
                    @Nullable JsonNode value = of(item);
                    if (value == null) {
                        yield null;
                    }
                    array.add(value);
                }
                yield array;
            }
            case Node.Entries mapping -> {
                ObjectNode object = JSON.objectNode();
                for (var entry : mapping.entries().entrySet()) {
                    @Nullable JsonNode value = of(entry.getValue());
                    if (value == null) {
                        yield null;
                    }
                    object.set(entry.getKey(), value);
                }
                yield object;
            }
        };
    }

    private static JsonNode scalar(Node.Scalar scalar) {
        String text = scalar.text();
        if (!scalar.plain()) {
            return JSON.stringNode(text);
        }
        if (scalar.isNull()) {
            return JSON.nullNode();
        }
        if (text.equals("true") || text.equals("false")) {
            return JSON.booleanNode(text.equals("true"));
        }
        if (INTEGER.matcher(text).matches()) {
            var number = new BigInteger(text);
            return number.bitLength() < Integer.SIZE
                    ? JSON.numberNode(number.intValueExact())
                    : number.bitLength() < Long.SIZE
                            ? JSON.numberNode(number.longValueExact())
                            : JSON.numberNode(number);
        }
        if (FLOAT.matcher(text).matches()) {
            double number = Double.parseDouble(text);
            return Double.isFinite(number)
                    ? JSON.numberNode(number)
                    : JSON.numberNode(new BigDecimal(text));
        }
        return JSON.stringNode(text);
    }
}
