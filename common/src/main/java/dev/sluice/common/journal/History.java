package dev.sluice.common.journal;

import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a run's journal says up to some point: from this a run is taken up, and shown.
///
/// @param steps the steps that count, in order
/// @param open what was told since the last step, of a turn that has not come to its end
/// @param rule the attempt rule as it stands there
/// @param end how the run ended; null while it has not
public record History(List<Reply> steps, List<RunEvent> open, AttemptRule rule, @Nullable End end) {
    public History {
        steps = List.copyOf(steps);
        open = List.copyOf(open);
    }

    /// A run's terminal event, and where it stands in the log.
    public record End(RunEvent event, long offset) {}

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
