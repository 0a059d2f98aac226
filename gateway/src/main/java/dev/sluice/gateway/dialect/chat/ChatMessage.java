package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What the turns of a run say, collected from the same events that a stream shows. One thread at a
/// time.
final class ChatMessage {
    private final Map<Integer, Turn> turns = new LinkedHashMap<>();

    /// Takes the next counted event.
    void add(RunEvent event) {
        switch (event) {
            case RunEvent.TextDelta(int turn, String piece) -> turn(turn).text.append(piece);
            case RunEvent.ReasoningDelta(int turn, String piece) ->
                    turn(turn).reasoning.append(piece);
            case RunEvent.RefusalDelta(int turn, String piece) -> turn(turn).refusal.append(piece);
            case RunEvent.ToolCallDelta call ->
                    turn(call.turn())
                            .calls
                            .computeIfAbsent(call.index(), _ -> new Call(call.callId()))
                            .add(call);
            case RunEvent.ProviderDelta provided -> turn(provided.turn()).provided.add(provided);
            case RunEvent.TurnReset(int turn) -> turns.remove(turn);
            case RunEvent.AttemptStarted _,
                    RunEvent.TurnCompleted _,
                    RunEvent.ToolCompleted _,
                    RunEvent.CancelRequested _,
                    RunEvent.Unknown _,
                    RunEvent.RunCompleted _,
                    RunEvent.RunFailed _,
                    RunEvent.RunCancelled _ -> {}
        }
    }

    private Turn turn(int turn) {
        return turns.computeIfAbsent(turn, _ -> new Turn());
    }

    /// The message that all turns make together.
    ObjectNode json() {
        ObjectNode message = Json.MAPPER.createObjectNode().put("role", "assistant");
        List<Call> calls =
                turns.values().stream().flatMap(turn -> turn.calls.values().stream()).toList();
        @Nullable String said = joined(turn -> turn.text);
        @Nullable String refused = joined(turn -> turn.refusal);
        message.put("content", said == null && calls.isEmpty() && refused == null ? "" : said);
        message.put("refusal", refused);
        @Nullable String thought = joined(turn -> turn.reasoning);
        if (thought != null) {
            message.put("reasoning_content", thought);
        }
        if (!calls.isEmpty()) {
            ArrayNode array = message.putArray("tool_calls");
            calls.forEach(call -> call.writeTo(array.addObject()));
        }
        Verbatim delta = new Verbatim(Head.OWN_IN_DELTA, true);
        provided().forEach(provided -> delta.add(provided.delta()));
        delta.writeTo(message);
        return message;
    }

    /// What the provider added of its own, in order.
    Stream<RunEvent.ProviderDelta> provided() {
        return turns.values().stream().flatMap(turn -> turn.provided.stream());
    }

    /// What was said in one voice; null if nothing was.
    private @Nullable String joined(Function<Turn, CharSequence> voice) {
        String all =
                turns.values().stream()
                        .map(voice)
                        .filter(said -> !said.isEmpty())
                        .collect(Collectors.joining(TurnText.BETWEEN));
        return all.isEmpty() ? null : all;
    }

    /// What was told of one turn, which may yet be void.
    private static final class Turn {
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder reasoning = new StringBuilder();
        private final StringBuilder refusal = new StringBuilder();
        private final Map<Integer, Call> calls = new TreeMap<>();
        private final List<RunEvent.ProviderDelta> provided = new ArrayList<>();
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
