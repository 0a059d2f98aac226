package dev.sluice.worker.run;

import dev.sluice.common.run.RunEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// Makes events of what a model says in one turn. Of the tool calls only those of the client's own
/// tools are told, and counted apart: the others are none of its business.
final class TurnDeltas implements Model.Deltas {
    private final int turn;
    private final Set<String> clientTools;
    private final Consumer<RunEvent> events;
    private final Runnable flush;
    private final List<String> handedOut = new ArrayList<>();

    TurnDeltas(int turn, Set<String> clientTools, Consumer<RunEvent> events, Runnable flush) {
        this.turn = turn;
        this.clientTools = clientTools;
        this.events = events;
        this.flush = flush;
    }

    @Override
    public void text(String text) {
        events.accept(new RunEvent.TextDelta(turn, text));
    }

    @Override
    public void reasoning(String text) {
        events.accept(new RunEvent.ReasoningDelta(turn, text));
    }

    @Override
    public void refusal(String text) {
        events.accept(new RunEvent.RefusalDelta(turn, text));
    }

    @Override
    public void toolCall(String id, String name, String arguments) {
        if (!clientTools.contains(name)) {
            return;
        }
        int index = handedOut.indexOf(id);
        if (index < 0) {
            index = handedOut.size();
            handedOut.add(id);
            events.accept(new RunEvent.ToolCallDelta(turn, index, id, name, arguments));
        } else if (!arguments.isEmpty()) {
            events.accept(new RunEvent.ToolCallDelta(turn, index, id, null, arguments));
        }
    }

    @Override
    public void verbatim(
            Map<String, JsonNode> chunk,
            Map<String, JsonNode> choice,
            Map<String, JsonNode> delta) {
        events.accept(new RunEvent.ProviderDelta(turn, chunk, choice, delta));
    }

    @Override
    public void flush() {
        flush.run();
    }
}
