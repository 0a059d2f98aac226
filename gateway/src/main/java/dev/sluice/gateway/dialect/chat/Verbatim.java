package dev.sluice.gateway.dialect.chat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Fields of a provider's own, merged over the pieces in which they came: arrays are appended,
/// objects merged, anything else replaced; null is as good as absent. One thread at a time.
final class Verbatim {
    private final Map<String, JsonNode> fields = new LinkedHashMap<>();
    private final Set<String> reserved;
    private final boolean pieces;

    /// @param reserved names of fields that are not taken
    /// @param pieces whether a text is a piece of a longer one, to be joined, and not a value
    Verbatim(Set<String> reserved, boolean pieces) {
        this.reserved = reserved;
        this.pieces = pieces;
    }

    void add(Map<String, JsonNode> more) {
        more.forEach((name, value) -> {
            if (!value.isNull() && !reserved.contains(name)) {
                fields.merge(name, own(value), this::merged);
            }
        });
    }

    @Nullable JsonNode take(String name) {
        return fields.remove(name);
    }

    void writeTo(ObjectNode object) {
        fields.forEach(object::set);
    }

    private JsonNode merged(JsonNode before, JsonNode more) {
        if (more.isNull()) {
            return before;
        }
        if (before instanceof ArrayNode array && more instanceof ArrayNode tail) {
            return array.addAll(tail);
        }
        if (before instanceof ObjectNode object && more instanceof ObjectNode added) {
            added.forEachEntry((name, value) -> {
                JsonNode known = object.get(name);
                object.set(name, known == null ? value : merged(known, value));
            });
            return object;
        }
        if (pieces && before.isString() && more.isString()) {
            return StringNode.valueOf(before.stringValue() + more.stringValue());
        }
        return more;
    }

    /// Events are immutable, and merging is not.
    private static JsonNode own(JsonNode value) {
        return value.isContainer() ? value.deepCopy() : value;
    }
}
