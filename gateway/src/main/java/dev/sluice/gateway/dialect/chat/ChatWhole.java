package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunEvent;
import dev.sluice.gateway.dialect.Dialect;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Collects a run into one `chat.completion`, from the same events that a stream shows.
final class ChatWhole implements Dialect.Whole {
    private final Head head;
    private final ChatMessage message = new ChatMessage();

    ChatWhole(Head head) {
        this.head = head;
    }

    @Override
    public void add(RunEvent event) {
        message.add(event);
    }

    @Override
    public Buffer body(RunEvent.RunCompleted end) {
        Verbatim chunk = new Verbatim(Head.OWN_IN_CHUNK, false);
        Verbatim choice = new Verbatim(Head.OWN_IN_CHOICE, false);
        chunk.add(Map.of("system_fingerprint", StringNode.valueOf(Head.FINGERPRINT)));
        message.provided()
                .forEach(delta -> {
                    chunk.add(delta.chunk());
                    choice.add(delta.choice());
                });
        ObjectNode body = head.write("chat.completion");
        ObjectNode only = body.putArray("choices").addObject().put("index", 0);
        only.set("message", message.json());
        JsonNode logprobs = choice.take("logprobs");
        only.set("logprobs", logprobs == null ? Json.MAPPER.nullNode() : logprobs);
        only.put("finish_reason", ChatUsage.name(end.finishReason()));
        choice.writeTo(only);
        body.set("usage", ChatUsage.of(end.usage()));
        chunk.writeTo(body);
        return Buffer.buffer(Json.MAPPER.writeValueAsBytes(body));
    }
}
