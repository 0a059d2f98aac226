package dev.sluice.embedded.model;

import dev.sluice.embedded.model.chat.ChatRequest;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The JSON of one chat completion: the frames of its stream, or its whole body.
final class Frames {

    static final String DONE = "data: [DONE]\n\n";
    static final String MALFORMED = "data: {\"id\":\"chatcmpl-\",\"choices\":[{\"delta\":{\n\n";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Completion completion;
    private final ObjectNode head;
    private final String prefix;
    private final String suffix;
    private final boolean includeUsage;

    Frames(String id, long created, ChatRequest request, Completion completion) {
        this.completion = completion;
        includeUsage = request.includeUsage();
        head = JSON.objectNode().put("id", id);
        head.put("object", request.stream() ? "chat.completion.chunk" : "chat.completion")
                .put("created", created)
                .put("model", request.model())
                .put("service_tier", "default")
                .put("system_fingerprint", "fp_scripted");
        String json = head.toString();
        prefix = "data: " + json.substring(0, json.length() - 1) + ",\"choices\":[";
        suffix = includeUsage ? "],\"usage\":null}\n\n" : "]}\n\n";
    }

    void appendRole(StringBuilder frames) {
        frames.append(prefix)
                .append("{\"index\":0,\"delta\":")
                .append("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}")
                .append(",\"logprobs\":null,\"finish_reason\":null}")
                .append(suffix);
    }

    void appendChunk(long index, StringBuilder frames) {
        frames.append(prefix).append("{\"index\":0,\"delta\":");
        completion.appendDelta(index, frames);
        frames.append(",\"logprobs\":null,\"finish_reason\":null}").append(suffix);
    }

    /// The finish reason, the usage if it is wanted, and the end mark.
    void appendEnd(StringBuilder frames) {
        frames.append(prefix)
                .append("{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":")
                .append(JSON.stringNode(completion.finishReason()))
                .append('}')
                .append(suffix);
        ObjectNode usage = streamedUsage();
        if (usage != null) {
            frames.append(prefix).append("],\"usage\":").append(usage).append("}\n\n");
        }
        frames.append(DONE);
    }

    /// The usage that a stream ends with; null where none is wanted.
    @Nullable ObjectNode streamedUsage() {
        return includeUsage ? completion.usage() : null;
    }

    /// The body of an answer that does not stream.
    ObjectNode body() {
        ObjectNode body = head.deepCopy();
        ObjectNode choice = body.putArray("choices").addObject().put("index", 0);
        choice.set("message", completion.message());
        choice.putNull("logprobs").put("finish_reason", completion.finishReason());
        body.set("usage", completion.usage());
        return body;
    }
}
