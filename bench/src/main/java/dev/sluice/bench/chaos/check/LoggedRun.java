package dev.sluice.bench.chaos.check;

import dev.sluice.bench.chaos.seen.Trail;
import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Usage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A run as the reply log has it, by the rule that says what counts.
///
/// @param attempts those that counted, in order
/// @param trail the numbered events that counted
/// @param turns those that were completed
/// @param tools the tool calls that were completed
/// @param end how it ended; null if it did not
/// @param voided whether text was made void after some of it had counted
/// @param faults what a log must not hold
record LoggedRun(
        List<Attempt> attempts,
        Trail trail,
        List<Turn> turns,
        List<ToolEnd> tools,
        @Nullable End end,
        boolean voided,
        List<String> faults) {
    LoggedRun {
        attempts = List.copyOf(attempts);
        turns = List.copyOf(turns);
        tools = List.copyOf(tools);
        faults = List.copyOf(faults);
    }

    /// An attempt.
    ///
    /// @param worker who made it
    /// @param started when, by the worker's clock
    /// @param spoke when its first numbered event was written; null if it wrote none
    record Attempt(int number, String worker, Instant started, @Nullable Instant spoke) {}

    /// A completed turn.
    record Turn(int number, String text, List<ContentPart.ToolCall> calls, Usage usage) {
        Turn {
            calls = List.copyOf(calls);
        }
    }

    /// A completed tool call.
    record ToolEnd(int turn, String tool, String callId, String text, boolean error, Instant at) {}

    /// The run's end.
    ///
    /// @param what empty where the run completed, else what came instead
    record End(String what, @Nullable Usage usage, Instant at) {}

    /// What an end is that somebody wanted.
    static final String CANCELLED = "cancelled";

    boolean cancelled() {
        return end != null && end.what.equals(CANCELLED);
    }

    boolean completed() {
        return end != null && end.what.isEmpty();
    }
}
