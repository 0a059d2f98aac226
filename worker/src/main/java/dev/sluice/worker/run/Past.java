package dev.sluice.worker.run;

import dev.sluice.common.journal.History;
import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.ContentPart.ToolResult;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.TurnCompleted;
import dev.sluice.common.run.Usage;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the attempts before this one have done of a run.
///
/// @param turns those that are complete, in order
/// @param results of the tool calls that came to their end, by call id
/// @param open what was told of the turn after those
record Past(List<TurnCompleted> turns, Map<String, ToolResult> results, List<RunEvent> open) {
    private static final Past NONE = new Past(List.of(), Map.of(), List.of());

    static Past of(@Nullable History history) {
        return history == null
                ? NONE
                : new Past(
                        history.turns().toList(),
                        history.toolCalls()
                                .map(RunEvent.ToolCompleted::result)
                                .collect(
                                        Collectors.toMap(
                                                ToolResult::callId,
                                                result -> result,
                                                (first, _) -> first)),
                        history.open().stream().map(Reply::event).toList());
    }

    /// What the complete turns cost.
    Usage usage() {
        return turns.stream().map(TurnCompleted::usage).reduce(Usage.NONE, Usage::plus);
    }

    /// The turns that were followed by another.
    List<TurnCompleted> followed() {
        return turns.isEmpty() ? List.of() : turns.subList(0, turns.size() - 1);
    }

    /// The last turn that is complete; null before the first.
    @Nullable TurnCompleted latest() {
        return turns.isEmpty() ? null : turns.getLast();
    }

    /// The turn that comes next.
    int next() {
        return turns.isEmpty() ? 1 : turns.getLast().turn() + 1;
    }

    /// Whether each of these calls came to its end.
    boolean holds(List<ToolCall> calls) {
        return calls.stream().allMatch(call -> results.containsKey(call.id()));
    }

    /// The results of those of these calls that came to their end, in order.
    List<ToolResult> resultsOf(List<ToolCall> calls) {
        return calls.stream().flatMap(call -> Stream.ofNullable(results.get(call.id()))).toList();
    }
}
