package dev.sluice.worker.run;

import dev.sluice.common.run.RunEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a reader of one turn has, who joins the pieces and forgets them at a reset.
final class Reader {
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder reasoning = new StringBuilder();
    private final StringBuilder refusal = new StringBuilder();
    private final Map<Integer, StringBuilder> calls = new TreeMap<>();
    private final List<RunEvent> open = new ArrayList<>();
    private int resets;

    static Reader of(List<RunEvent> events) {
        Reader reader = new Reader();
        events.forEach(reader::read);
        return reader;
    }

    void read(RunEvent event) {
        open.add(event);
        if (event instanceof RunEvent.TextDelta(_, String piece)) {
            text.append(piece);
        } else if (event instanceof RunEvent.ReasoningDelta(_, String piece)) {
            reasoning.append(piece);
        } else if (event instanceof RunEvent.RefusalDelta(_, String piece)) {
            refusal.append(piece);
        } else if (event
                instanceof
                RunEvent.ToolCallDelta(_, int index, String id, String name, String more)) {
            StringBuilder call = calls.computeIfAbsent(index, _ -> new StringBuilder());
            if (name != null) {
                call.append(id).append(' ').append(name).append(' ');
            }
            call.append(more);
        } else if (event instanceof RunEvent.TurnReset) {
            resets++;
            List.of(text, reasoning, refusal).forEach(voice -> voice.setLength(0));
            calls.clear();
            open.clear();
        }
    }

    /// What was told since the last reset.
    List<RunEvent> open() {
        return List.copyOf(open);
    }

    int resets() {
        return resets;
    }

    /// All that was said, by voice.
    String said() {
        return "text=%s reasoning=%s refusal=%s calls=%s"
                .formatted(text, reasoning, refusal, calls);
    }
}
