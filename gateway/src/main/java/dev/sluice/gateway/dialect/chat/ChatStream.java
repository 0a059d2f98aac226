package dev.sluice.gateway.dialect.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.Usage;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.dialect.EventId;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Encodes a run as `chat.completion.chunk`s. What stands around a text is rendered once and again
/// only when a lasting field changes.
final class ChatStream implements Dialect.Stream {
    private static final Set<String> OWN_OR_LASTING =
            Stream.concat(Head.OWN_IN_CHUNK.stream(), Head.LASTING.stream())
                    .collect(Collectors.toUnmodifiableSet());

    private final Head head;
    private final boolean usage;
    private final Map<String, JsonNode> lasting = new LinkedHashMap<>();
    private final TurnText text = new TurnText();
    private final TurnText reasoning = new TurnText();
    private final TurnText refusal = new TurnText();
    private final byte[] afterText;
    private final byte[] afterToolCall;
    private byte[] opening = {};
    private byte[] beforeText = {};
    private byte[] beforeReasoning = {};
    private byte[] beforeRefusal = {};
    private int saidOf;
    private boolean begun;

    ChatStream(Head head, boolean usage) {
        this.head = head;
        this.usage = usage;
        lasting.put("system_fingerprint", StringNode.valueOf(Head.FINGERPRINT));
        String rest =
                "},\"logprobs\":null,\"finish_reason\":null}]"
                        + (usage ? ",\"usage\":null" : "")
                        + "}\n\n";
        afterText = ("\"" + rest).getBytes(UTF_8);
        afterToolCall = ("\"}}]" + rest).getBytes(UTF_8);
        render();
    }

    @Override
    public List<Buffer> frames(Reply reply) {
        return switch (reply.event()) {
            case RunEvent.TextDelta(int turn, String piece) ->
                    said(turn, beforeText, text.next(turn, piece));
            case RunEvent.ReasoningDelta(int turn, String piece) ->
                    said(turn, beforeReasoning, reasoning.next(turn, piece));
            case RunEvent.RefusalDelta(int turn, String piece) ->
                    said(turn, beforeRefusal, refusal.next(turn, piece));
            case RunEvent.ToolCallDelta call -> begun(call.turn(), toolCall(call));
            case RunEvent.ProviderDelta delta -> provided(delta);
            case RunEvent.RunCompleted(FinishReason reason, Usage total) -> end(reason, total);
            case RunEvent.RunFailed(Failure failure, _) -> List.of(failure(failure));
            case RunEvent.RunCancelled _ -> List.of(failure(new Failure.Cancelled()));
            case RunEvent.AttemptStarted _,
                    RunEvent.TurnCompleted _,
                    RunEvent.ToolCompleted _,
                    RunEvent.TurnReset _,
                    RunEvent.CancelRequested _,
                    RunEvent.Unknown _ ->
                    List.of();
        };
    }

    /// Behind the data, because many clients take an event by its first line.
    @Override
    public Buffer named(Buffer frame, EventId id) {
        return Buffer.buffer(frame.length() + 48)
                .appendBuffer(frame, 0, frame.length() - 1)
                .appendString("id: " + id + "\n\n");
    }

    @Override
    public Buffer mark() {
        return Buffer.buffer(EventFrame.DONE);
    }

    @Override
    public Buffer failure(Failure failure) {
        return EventFrame.of(Wording.of(failure).body());
    }

    /// A chunk cannot be taken back.
    @Override
    public boolean survives(RunEvent.TurnReset reset) {
        return saidOf != reset.turn();
    }

    @Override
    public boolean failsWithStatus() {
        return true;
    }

    private List<Buffer> said(int turn, byte[] before, String piece) {
        return piece.isEmpty()
                ? List.of()
                : begun(turn, EventFrame.around(before, piece, afterText));
    }

    private Buffer toolCall(RunEvent.ToolCallDelta call) {
        String function =
                call.name() == null
                        ? "\"function\":{\"arguments\":\""
                        : "\"id\":%s,\"type\":\"function\",\"function\":{\"name\":%s,\"arguments\":\""
                                .formatted(quoted(call.callId()), quoted(call.name()));
        byte[] before = before("\"tool_calls\":[{\"index\":" + call.index() + "," + function);
        return EventFrame.around(before, call.arguments(), afterToolCall);
    }

    private List<Buffer> provided(RunEvent.ProviderDelta provided) {
        if (remember(provided.chunk())) {
            render();
        }
        ObjectNode passing = only(provided.chunk(), OWN_OR_LASTING);
        ObjectNode delta = only(provided.delta(), Head.OWN_IN_DELTA);
        ObjectNode choice = only(provided.choice(), Head.OWN_IN_CHOICE);
        if (passing.isEmpty() && delta.isEmpty() && choice.isEmpty()) {
            return List.of();
        }
        ObjectNode chunk = chunk(delta, null, choice);
        return begun(provided.turn(), EventFrame.of(chunk.setAll(passing)));
    }

    /// Whether a lasting field has changed.
    private boolean remember(Map<String, JsonNode> fields) {
        boolean changed = false;
        for (String name : Head.LASTING) {
            JsonNode value = fields.get(name);
            if (value != null && !value.isNull()) {
                changed |= !value.equals(lasting.put(name, value));
            }
        }
        return changed;
    }

    private List<Buffer> end(FinishReason reason, Usage total) {
        ObjectNode none = Json.MAPPER.createObjectNode();
        List<Buffer> frames = new ArrayList<>(begun(EventFrame.of(chunk(none, reason, none))));
        if (usage) {
            ObjectNode last = bare();
            last.putArray("choices");
            last.set("usage", ChatUsage.of(total));
            frames.add(EventFrame.of(last));
        }
        return frames;
    }

    private List<Buffer> begun(int turn, Buffer frame) {
        saidOf = turn;
        return begun(frame);
    }

    /// The frame, after the one that names the role if that has not gone out yet.
    private List<Buffer> begun(Buffer frame) {
        if (begun) {
            return List.of(frame);
        }
        begun = true;
        ObjectNode role =
                Json.MAPPER
                        .createObjectNode()
                        .put("role", "assistant")
                        .put("content", "")
                        .putNull("refusal");
        return List.of(EventFrame.of(chunk(role, null, Json.MAPPER.createObjectNode())), frame);
    }

    private ObjectNode chunk(ObjectNode delta, @Nullable FinishReason reason, ObjectNode further) {
        ObjectNode chunk = bare();
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.set("delta", delta);
        choice.putNull("logprobs");
        choice.put("finish_reason", reason == null ? null : ChatUsage.name(reason));
        choice.setAll(further);
        if (usage) {
            chunk.putNull("usage");
        }
        return chunk;
    }

    private ObjectNode bare() {
        ObjectNode chunk = head.write("chat.completion.chunk");
        lasting.forEach(chunk::set);
        return chunk;
    }

    private void render() {
        String open = Json.MAPPER.writeValueAsString(bare());
        opening =
                ("data: "
                                + open.substring(0, open.length() - 1)
                                + ",\"choices\":[{\"index\":0,\"delta\":{")
                        .getBytes(UTF_8);
        beforeText = before("\"content\":\"");
        beforeReasoning = before("\"reasoning_content\":\"");
        beforeRefusal = before("\"refusal\":\"");
    }

    private byte[] before(String field) {
        byte[] tail = field.getBytes(UTF_8);
        byte[] both = new byte[opening.length + tail.length];
        System.arraycopy(opening, 0, both, 0, opening.length);
        System.arraycopy(tail, 0, both, opening.length, tail.length);
        return both;
    }

    private static String quoted(String text) {
        return Json.MAPPER.writeValueAsString(text);
    }

    /// The fields that are neither reserved nor null: many providers repeat nulls in every chunk,
    /// which would cost a frame each and tell nothing.
    private static ObjectNode only(Map<String, JsonNode> fields, Set<String> reserved) {
        ObjectNode object = Json.MAPPER.createObjectNode();
        fields.forEach((name, value) -> {
            if (!value.isNull() && !reserved.contains(name)) {
                object.set(name, value);
            }
        });
        return object;
    }
}
