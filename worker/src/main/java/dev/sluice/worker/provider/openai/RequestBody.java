package dev.sluice.worker.provider.openai;

import dev.sluice.common.run.Json;
import dev.sluice.common.run.ToolDefinition;
import dev.sluice.worker.run.Model.Prompt;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the body of a [Chat Completions](https://platform.openai.com/docs/api-reference/chat)
/// request.
public final class RequestBody {
    private static final Set<String> OURS =
            Set.of("model", "messages", "tools", "stream", "stream_options");
    private static final Set<String> ONLY_WITH_TOOLS = Set.of("tool_choice", "parallel_tool_calls");

    private RequestBody() {}

    /// The body that asks `prompt`; the fields of `extraBody` replace any other.
    public static ObjectNode of(Prompt prompt, Map<String, JsonNode> extraBody) {
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.put("model", prompt.model());
        body.set("messages", ChatMessages.of(prompt.messages()));
        boolean tools = !prompt.tools().isEmpty();
        prompt.parameters()
                .forEach((name, value) -> {
                    if (!OURS.contains(name) && (tools || !ONLY_WITH_TOOLS.contains(name))) {
                        body.set(name, value);
                    }
                });
        if (tools) {
            ArrayNode definitions = body.putArray("tools");
            prompt.tools().forEach(tool -> definitions.add(definition(tool)));
        }
        body.put("stream", true);
        body.putObject("stream_options").put("include_usage", true);
        extraBody.forEach(body::set);
        return body;
    }

    private static ObjectNode definition(ToolDefinition tool) {
        ObjectNode definition = Json.MAPPER.createObjectNode().put("type", "function");
        ObjectNode function = definition.putObject("function").put("name", tool.name());
        if (tool.description() != null) {
            function.put("description", tool.description());
        }
        if (tool.parameters() != null) {
            function.set("parameters", tool.parameters());
        }
        lay(tool.extra(), function);
        return definition;
    }

    /// Adds fields beside those that are there.
    static void lay(Map<String, JsonNode> extra, ObjectNode object) {
        extra.forEach(object::putIfAbsent);
    }
}
