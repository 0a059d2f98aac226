package dev.sluice.worker.journal;

import dev.sluice.common.run.RunEvent;
import org.jspecify.annotations.Nullable;

/// Joins deltas that follow each other into one.
final class Deltas {
    /// What waits for the broker in characters before it is joined no more.
    private static final int LARGEST = 64 * 1024;

    private Deltas() {}

    /// Both as one event; null where they are of different kinds, or large enough already.
    static @Nullable RunEvent join(RunEvent first, RunEvent second) {
        if (first instanceof RunEvent.TextDelta(int turn, String text)
                && second instanceof RunEvent.TextDelta(int next, String more)
                && turn == next
                && text.length() < LARGEST) {
            return new RunEvent.TextDelta(turn, text + more);
        }
        if (first instanceof RunEvent.ReasoningDelta(int turn, String text)
                && second instanceof RunEvent.ReasoningDelta(int next, String more)
                && turn == next
                && text.length() < LARGEST) {
            return new RunEvent.ReasoningDelta(turn, text + more);
        }
        if (first instanceof RunEvent.ToolCallDelta call
                && second
                        instanceof
                        RunEvent.ToolCallDelta(int turn, _, String id, String name, String more)
                && name == null
                && call.turn() == turn
                && call.callId().equals(id)
                && call.arguments().length() < LARGEST) {
            return new RunEvent.ToolCallDelta(
                    turn, call.index(), id, call.name(), call.arguments() + more);
        }
        return null;
    }
}
