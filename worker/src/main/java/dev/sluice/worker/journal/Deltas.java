package dev.sluice.worker.journal;

import dev.sluice.common.run.RunEvent;
import org.jspecify.annotations.Nullable;

/// Joins deltas that follow each other into one.
final class Deltas {
    private Deltas() {}

    /// Both as one event; null where they are of different kinds.
    static @Nullable RunEvent join(RunEvent first, RunEvent second) {
        if (first instanceof RunEvent.TextDelta(int turn, String text)
                && second instanceof RunEvent.TextDelta(int next, String more)
                && turn == next) {
            return new RunEvent.TextDelta(turn, text + more);
        }
        if (first instanceof RunEvent.ReasoningDelta(int turn, String text)
                && second instanceof RunEvent.ReasoningDelta(int next, String more)
                && turn == next) {
            return new RunEvent.ReasoningDelta(turn, text + more);
        }
        if (first instanceof RunEvent.ToolCallDelta call
                && second
                        instanceof
                        RunEvent.ToolCallDelta(int turn, _, String id, String name, String more)
                && name == null
                && call.turn() == turn
                && call.callId().equals(id)) {
            return new RunEvent.ToolCallDelta(
                    turn, call.index(), id, call.name(), call.arguments() + more);
        }
        return null;
    }
}
