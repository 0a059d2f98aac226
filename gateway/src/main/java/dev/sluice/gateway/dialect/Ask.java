package dev.sluice.gateway.dialect;

import dev.sluice.common.run.Message;
import dev.sluice.common.run.ToolDefinition;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// What a client asks for, read from its dialect.
///
/// @param agent the agent it names as the model
/// @param messages the conversation
/// @param tools the client's own tools
/// @param parameters request parameters by their Chat Completions names, unknown ones included
/// @param stream whether it wants the answer as a stream
/// @param format how it wants the answer encoded
public record Ask(
        String agent,
        List<Message> messages,
        List<ToolDefinition> tools,
        Map<String, JsonNode> parameters,
        boolean stream,
        Dialect.Format format) {}
