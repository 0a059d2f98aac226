package dev.sluice.embedded.model;

import dev.sluice.embedded.model.chat.Tokens;
import dev.sluice.embedded.model.rule.Reply;
import dev.sluice.embedded.model.rule.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An answer to one request: its templates filled in, its tools resolved, cut into chunks.
final class Completion {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Reply.Answer reply;
    private final String text;
    private final String reasoning;
    private final List<String> textTokens;
    private final List<String> reasoningTokens;
    private final List<String> callDeltas = new ArrayList<>();
    private final ArrayNode calls = JSON.arrayNode();
    private final ObjectNode usage;
    private final String extra;

    /// @param tools the names that the calls of `reply` resolve to
    Completion(Reply.Answer reply, Template.Values values, List<String> tools, int promptTokens) {
        this.reply = reply;
        text = new Template(reply.text()).render(values);
        reasoning = new Template(reply.reasoning()).render(values);
        textTokens = Tokens.of(text);
        reasoningTokens = Tokens.of(reasoning);
        for (int i = 0; i < tools.size(); i++) {
            Reply.Call call = reply.toolCalls().get(i);
            String arguments = fill(call.arguments(), values).toString();
            addCall(i, call.id() == null ? "call_" + i : call.id(), tools.get(i), arguments);
        }
        usage = usage(promptTokens);
        extra = members(reply.extra());
    }

    private void addCall(int index, String id, String name, String arguments) {
        ObjectNode function = JSON.objectNode().put("name", name).put("arguments", "");
        ObjectNode start = JSON.objectNode().put("index", index).put("id", id);
        start.put("type", "function").set("function", function);
        callDeltas.add("{\"tool_calls\":[" + start + "]");
        for (String fragment : Tokens.fragments(arguments)) {
            ObjectNode more = JSON.objectNode().put("index", index);
            more.set("function", JSON.objectNode().put("arguments", fragment));
            callDeltas.add("{\"tool_calls\":[" + more + "]");
        }
        ObjectNode call = JSON.objectNode().put("id", id).put("type", "function");
        call.set("function", JSON.objectNode().put("name", name).put("arguments", arguments));
        calls.add(call);
    }

    /// How many chunks of content there are.
    long chunks() {
        return reasoningTokens.size() + textChunks() + callDeltas.size();
    }

    private long textChunks() {
        return (long) textTokens.size() * reply.repeat();
    }

    /// Appends the `delta` of chunk number `index`, counted from 0, as JSON.
    void appendDelta(long index, StringBuilder json) {
        long inText = index - reasoningTokens.size();
        if (inText < 0) {
            json.append("{\"reasoning_content\":\"");
            quote(reasoningTokens.get((int) index), json);
            json.append('"');
        } else if (inText < textChunks()) {
            int token = (int) (inText % textTokens.size());
            json.append("{\"content\":\"");
            if (token == 0 && inText > 0) {
                json.append(' ');
            }
            quote(textTokens.get(token), json);
            json.append('"');
        } else {
            json.append(callDeltas.get((int) (inText - textChunks())));
        }
        json.append(extra).append('}');
    }

    String finishReason() {
        if (reply.finishReason() != null) {
            return reply.finishReason();
        }
        return calls.isEmpty() ? "stop" : "tool_calls";
    }

    ObjectNode usage() {
        return usage;
    }

    /// The whole answer as a message.
    ObjectNode message() {
        ObjectNode message = JSON.objectNode().put("role", "assistant");
        if (text.isEmpty() && !calls.isEmpty()) {
            message.putNull("content");
        } else {
            message.put("content", (text + " ").repeat(reply.repeat() - 1) + text);
        }
        if (!reasoning.isEmpty()) {
            message.put("reasoning_content", reasoning);
        }
        message.putNull("refusal").set("annotations", JSON.arrayNode());
        if (!calls.isEmpty()) {
            message.set("tool_calls", calls);
        }
        if (reply.extra() != null) {
            message.setAll(reply.extra());
        }
        return message;
    }

    private ObjectNode usage(int prompt) {
        long completion = chunks();
        ObjectNode counted =
                JSON.objectNode().put("prompt_tokens", prompt).put("completion_tokens", completion);
        if (reply.usage() != null) {
            counted.setAll(reply.usage());
        }
        if (!counted.has("total_tokens")) {
            long total =
                    counted.path("prompt_tokens").asLong(0)
                            + counted.path("completion_tokens").asLong(0);
            counted.put("total_tokens", total);
        }
        if (!counted.has("prompt_tokens_details")) {
            counted.putObject("prompt_tokens_details")
                    .put("cached_tokens", 0)
                    .put("audio_tokens", 0);
        }
        if (!counted.has("completion_tokens_details")) {
            counted.putObject("completion_tokens_details")
                    .put("reasoning_tokens", reasoningTokens.size())
                    .put("audio_tokens", 0)
                    .put("accepted_prediction_tokens", 0)
                    .put("rejected_prediction_tokens", 0);
        }
        return counted;
    }

    private static JsonNode fill(JsonNode node, Template.Values values) {
        if (node.isString()) {
            return JSON.stringNode(new Template(node.stringValue()).render(values));
        }
        if (node.isArray()) {
            ArrayNode filled = JSON.arrayNode();
            node.forEach(item -> filled.add(fill(item, values)));
            return filled;
        }
        if (node.isObject()) {
            ObjectNode filled = JSON.objectNode();
            for (Map.Entry<String, JsonNode> member : node.properties()) {
                filled.set(member.getKey(), fill(member.getValue(), values));
            }
            return filled;
        }
        return node;
    }

    /// The members of `object` as JSON, to be put behind others.
    private static String members(@Nullable ObjectNode object) {
        if (object == null || object.isEmpty()) {
            return "";
        }
        String json = object.toString();
        return "," + json.substring(1, json.length() - 1);
    }

    private static void quote(String text, StringBuilder json) {
        JsonStringEncoder.getInstance().quoteAsString(text, json);
    }
}
