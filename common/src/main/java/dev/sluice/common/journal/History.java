package dev.sluice.common.journal;

import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a run's journal says up to some point: from this a run is taken up, and shown.
///
/// @param steps the steps that count, in order
/// @param open what was told since the last step, of a turn that has not come to its end
/// @param attempts the attempts of which anything was read, in order
/// @param rule the attempt rule as it stands there
/// @param end how the run ended; null while it has not
public record History(
        List<Reply> steps,
        List<Reply> open,
        List<Attempt> attempts,
        AttemptRule rule,
        @Nullable End end) {
    public History {
        steps = List.copyOf(steps);
        open = List.copyOf(open);
        attempts = List.copyOf(attempts);
    }

    /// An attempt that left something in the journal.
    ///
    /// @param worker who made it; null where its beginning was not read
    /// @param at when it began, or said the first thing that was read
    /// @param executes whether it was more than to say how the run ends
    public record Attempt(int number, @Nullable String worker, Instant at, boolean executes) {}

    /// A run's terminal reply, and where it stands in the log.
    public record End(Reply reply, long offset) {
        /// The terminal event.
        public RunEvent event() {
            return reply.event();
        }
    }

    /// The run's turns that came to their end.
    public Stream<RunEvent.TurnCompleted> turns() {
        return events(RunEvent.TurnCompleted.class);
    }

    /// The tool calls that came to their end.
    public Stream<RunEvent.ToolCompleted> toolCalls() {
        return events(RunEvent.ToolCompleted.class);
    }

    private <T> Stream<T> events(Class<T> type) {
        return steps.stream().map(Reply::event).filter(type::isInstance).map(type::cast);
    }
}
