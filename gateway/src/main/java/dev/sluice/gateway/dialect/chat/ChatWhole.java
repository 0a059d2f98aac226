package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunEvent;
import dev.sluice.gateway.dialect.Dialect;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Collects a run into one `chat.completion`, from the same events that a stream shows.
final class ChatWhole implements Dialect.Whole {
    private final Head head;
    private final Said text = new Said();
    private final Said reasoning = new Said();
    private final Said refusal = new Said();
    private final Map<Integer, Call> calls = new TreeMap<>();
    private final Verbatim chunk = new Verbatim(Head.OWN_IN_CHUNK, false);
    private final Verbatim choice = new Verbatim(Head.OWN_IN_CHOICE, false);
    private final Verbatim delta = new Verbatim(Head.OWN_IN_DELTA, true);

    ChatWhole(Head head) {
        this.head = head;
        chunk.add(Map.of("system_fingerprint", StringNode.valueOf(Head.FINGERPRINT)));
    }

    @Override
    public void add(RunEvent event) {
        switch (event) {
            case RunEvent.TextDelta(int turn, String piece) -> text.add(turn, piece);
            case RunEvent.ReasoningDelta(int turn, String piece) -> reasoning.add(turn, piece);
            case RunEvent.RefusalDelta(int turn, String piece) -> refusal.add(turn, piece);
            case RunEvent.ToolCallDelta call ->
                    calls.computeIfAbsent(call.index(), _ -> new Call(call.callId())).add(call);
            case RunEvent.ProviderDelta provided -> {
                chunk.add(provided.chunk());
                choice.add(provided.choice());
                delta.add(provided.delta());
            }
            case RunEvent.AttemptStarted _,
                    RunEvent.TurnCompleted _,
                    RunEvent.ToolCompleted _,
                    RunEvent.TurnReset _,
                    RunEvent.CancelRequested _,
                    RunEvent.Unknown _,
                    RunEvent.RunCompleted _,
                    RunEvent.RunFailed _,
                    RunEvent.RunCancelled _ -> {}
        }
    }

    @Override
    public Buffer body(RunEvent.RunCompleted end) {
        ObjectNode body = head.write("chat.completion");
        ObjectNode only = body.putArray("choices").addObject().put("index", 0);
        only.set("message", message());
        JsonNode logprobs = choice.take("logprobs");
        only.set("logprobs", logprobs == null ? Json.MAPPER.nullNode() : logprobs);
        only.put("finish_reason", ChatUsage.name(end.finishReason()));
        choice.writeTo(only);
        body.set("usage", ChatUsage.of(end.usage()));
        chunk.writeTo(body);
        return Buffer.buffer(Json.MAPPER.writeValueAsBytes(body));
    }

    private ObjectNode message() {
        ObjectNode message = Json.MAPPER.createObjectNode().put("role", "assistant");
        String said = text.joined();
        String refused = refusal.joined();
        message.put("content", said == null && calls.isEmpty() && refused == null ? "" : said);
        message.put("refusal", refused);
        String thought = reasoning.joined();
        if (thought != null) {
            message.put("reasoning_content", thought);
        }
        if (!calls.isEmpty()) {
            ArrayNode array = message.putArray("tool_calls");
            calls.values().forEach(call -> call.writeTo(array.addObject()));
        }
        delta.writeTo(message);
        return message;
    }

    /// What was said in one voice.
    private static final class Said {
        private final TurnText turns = new TurnText();
        private final StringBuilder all = new StringBuilder();

        void add(int turn, String piece) {
            all.append(turns.next(turn, piece));
        }

        @Nullable String joined() {
            return all.isEmpty() ? null : all.toString();
        }
    }

    /// A tool call, as far as it has come.
    private static final class Call {
        private final String id;
        private final StringBuilder arguments = new StringBuilder();
        private String name = "";

        Call(String id) {
            this.id = id;
        }

        void add(RunEvent.ToolCallDelta piece) {
            if (piece.name() != null) {
                name = piece.name();
            }
            arguments.append(piece.arguments());
        }

        void writeTo(ObjectNode call) {
            call.put("id", id)
                    .put("type", "function")
                    .putObject("function")
                    .put("name", name)
                    .put("arguments", arguments.toString());
        }
    }
}
