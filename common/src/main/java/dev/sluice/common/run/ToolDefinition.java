package dev.sluice.common.run;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A tool as a model is told of it. `parameters` is the JSON Schema of its arguments; `extra` holds
/// further fields of the client's own definition (`strict`), verbatim.
public record ToolDefinition(
        String name,
        @Nullable String description,
        @Nullable JsonNode parameters,
        Map<String, JsonNode> extra) {
    public ToolDefinition {
        extra = Copies.of(extra);
    }
}
