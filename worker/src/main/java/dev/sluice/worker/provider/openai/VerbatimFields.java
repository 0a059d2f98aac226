package dev.sluice.worker.provider.openai;

import dev.sluice.common.run.Json;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/// The fields of a stream's chunks that Sluice has no name for.
final class VerbatimFields {
    // `obfuscation` pads the one connection it is sent on, with new random characters each time.
    private static final Set<String> CHUNK =
            Set.of("id", "object", "created", "model", "choices", "usage", "error", "obfuscation");
    private static final Set<String> CHOICE = Set.of("index", "delta", "message", "finish_reason");
    private static final Set<String> DELTA = Set.of("role", "content", "tool_calls", "refusal");
    private static final Set<String> REASONING = Set.of("reasoning_content", "reasoning");

    private final Map<String, JsonNode> lastOfChunk = new HashMap<>();
    private final ObjectNode ofMessage = Json.MAPPER.createObjectNode();

    /// Those of a chunk whose value is another than the last one seen.
    Map<String, JsonNode> ofChunk(JsonNode chunk) {
        Map<String, JsonNode> fields = Map.of();
        for (Map.Entry<String, JsonNode> field : chunk.properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (!CHUNK.contains(name)
                    && !value.equals(lastOfChunk.getOrDefault(name, NullNode.getInstance()))) {
                lastOfChunk.put(name, value);
                fields = with(fields, name, value);
            }
        }
        return fields;
    }

    /// Those of a choice that are not null.
    Map<String, JsonNode> ofChoice(JsonNode choice) {
        Map<String, JsonNode> fields = Map.of();
        for (Map.Entry<String, JsonNode> field : choice.properties()) {
            if (!CHOICE.contains(field.getKey()) && !field.getValue().isNull()) {
                fields = with(fields, field.getKey(), field.getValue());
            }
        }
        return fields;
    }

    /// Those of a delta that are not null; they are kept for the message as well.
    Map<String, JsonNode> ofDelta(JsonNode delta) {
        Map<String, JsonNode> fields = Map.of();
        for (Map.Entry<String, JsonNode> field : delta.properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (DELTA.contains(name)
                    || value.isNull()
                    || (REASONING.contains(name) && value.isString())) {
                continue;
            }
            fields = with(fields, name, value);
            merge(ofMessage, name, value);
        }
        return fields;
    }

    /// Those of all deltas, merged: what the message has beside its content.
    Map<String, JsonNode> ofMessage() {
        return fieldsOf(ofMessage);
    }

    /// Whether a field is more than a place that is kept for a value: some providers send each
    /// field of a delta with every chunk, most of them empty.
    static boolean isFilled(JsonNode field) {
        return field.isString() ? !field.stringValue().isEmpty() : !field.isEmpty();
    }

    /// An object's fields in their order.
    static Map<String, JsonNode> fieldsOf(ObjectNode object) {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        object.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        return fields;
    }

    /// Adds a later piece of a field: texts and lists grow, objects are merged, anything else is
    /// replaced.
    static void merge(ObjectNode whole, String name, JsonNode piece) {
        JsonNode before = whole.get(name);
        if (before != null && before.isString() && piece.isString()) {
            whole.put(name, before.stringValue() + piece.stringValue());
        } else if (before instanceof ArrayNode array && piece instanceof ArrayNode more) {
            array.addAll(more);
        } else if (before instanceof ObjectNode object && piece.isObject()) {
            for (Map.Entry<String, JsonNode> field : piece.properties()) {
                merge(object, field.getKey(), field.getValue());
            }
        } else {
            whole.set(name, piece.deepCopy());
        }
    }

    private static Map<String, JsonNode> with(
            Map<String, JsonNode> fields, String name, JsonNode value) {
        // Most chunks have none: a map is made only for those that do.
        Map<String, JsonNode> grown = fields.isEmpty() ? new LinkedHashMap<>() : fields;
        grown.put(name, value);
        return grown;
    }
}
