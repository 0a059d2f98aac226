package dev.sluice.embedded.model.chat;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// A chat completion request, as far as rules and replies look at it.
///
/// @param model the model asked for
/// @param stream whether the answer streams
/// @param includeUsage whether a stream ends with a usage chunk
/// @param user the text of the last user message, empty without one
/// @param toolResults the texts of the tool messages since the last assistant message
/// @param tools the names of the tools that may be called
/// @param turn the number of assistant messages after the last user message
/// @param promptTokens the words of all messages
public record ChatRequest(
        String model,
        boolean stream,
        boolean includeUsage,
        String user,
        List<String> toolResults,
        List<String> tools,
        int turn,
        int promptTokens) {

    /// Reads a body in which [RequestCheck] found nothing wrong.
    public static ChatRequest of(JsonNode body) {
        String user = "";
        int turn = 0;
        int promptTokens = 0;
        List<String> toolResults = new ArrayList<>();
        for (JsonNode message : body.path("messages")) {
            String text = text(message.path("content"));
            promptTokens += Tokens.count(text);
            for (JsonNode call : message.path("tool_calls")) {
                promptTokens += Tokens.count(call.path("function").path("arguments").asString(""));
            }
            switch (message.path("role").asString("")) {
                case "user" -> {
                    user = text;
                    turn = 0;
                    toolResults.clear();
                }
                case "assistant" -> {
                    turn++;
                    toolResults.clear();
                }
                case "tool" -> toolResults.add(text);
                default -> {}
            }
        }
        return new ChatRequest(
                body.path("model").asString(""),
                body.path("stream").asBoolean(false),
                body.path("stream_options").path("include_usage").asBoolean(false),
                user,
                List.copyOf(toolResults),
                tools(body),
                turn,
                promptTokens);
    }

    /// The tool results, one after the other on lines of their own.
    public String toolResult() {
        return String.join("\n", toolResults);
    }

    private static List<String> tools(JsonNode body) {
        if (body.path("tool_choice").asString("").equals("none")) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        body.path("tools").forEach(t -> names.add(t.path("function").path("name").asString("")));
        return names;
    }

    private static String text(JsonNode content) {
        if (content.isString()) {
            return content.stringValue();
        }
        StringBuilder text = new StringBuilder();
        content.forEach(part -> text.append(part.path("text").asString("")));
        return text.toString();
    }
}
