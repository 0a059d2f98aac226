package dev.sluice.bench.chaos.check;

import dev.sluice.bench.chaos.fault.FaultKind;
import java.util.List;
import java.util.Map;

/// What a trial came to.
///
/// @param accepted runs that gateways accepted, as clients know
/// @param ended those of them that came to their one end
/// @param strangers further runs in the log, whose clients never learned that they were accepted
/// @param resumed runs of more than one attempt
/// @param cancelled runs that ended because their client wanted them to
/// @param refused requests that were refused
/// @param unanswered requests of which nobody knows what became
/// @param connections how many connections the clients followed runs over
/// @param toolCalls how many tool calls the tools counted
/// @param errorFrames chat streams that ended by an error frame that names the run
/// @param recovery by the kinds of faults that cost runs their worker
/// @param violations what must not be
public record Verdict(
        int accepted,
        int ended,
        int strangers,
        int resumed,
        int cancelled,
        int refused,
        int unanswered,
        int connections,
        int toolCalls,
        int errorFrames,
        Map<FaultKind, Recovery> recovery,
        List<Violation> violations) {
    public Verdict {
        recovery = Map.copyOf(recovery);
        violations = List.copyOf(violations);
    }

    /// How many violations of a kind there are.
    public long count(Violation.Kind kind) {
        return violations.stream().filter(violation -> violation.kind() == kind).count();
    }
}
