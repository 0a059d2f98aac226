package dev.sluice.worker.tool.mcp;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A tool as its server describes it.
///
/// @param name the server's own name of it
/// @param schema the JSON Schema of its arguments, verbatim
/// @param repeatable whether it says that it only reads, or that a repeated call changes nothing
public record McpTool(
        String name, @Nullable String description, @Nullable JsonNode schema, boolean repeatable) {

    /// Reads one entry of a `tools/list` result.
    static McpTool of(JsonNode tool) {
        JsonNode hints = tool.path("annotations");
        JsonNode schema = tool.path("inputSchema");
        return new McpTool(
                tool.path("name").asString(""),
                firstText(tool.path("description"), tool.path("title"), hints.path("title")),
                schema.isObject() ? schema : null,
                hints.path("readOnlyHint").asBoolean(false)
                        || hints.path("idempotentHint").asBoolean(false));
    }

    private static @Nullable String firstText(JsonNode... candidates) {
        for (JsonNode candidate : candidates) {
            if (candidate.isString() && !candidate.stringValue().isBlank()) {
                return candidate.stringValue();
            }
        }
        return null;
    }
}
