package dev.sluice.worker.audit;

import dev.sluice.common.audit.ArgumentsDigest;
import dev.sluice.common.audit.AuditEvent;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.audit.AuditRecord.Subject;
import dev.sluice.common.audit.FailureFacts;
import dev.sluice.common.audit.Tokens;
import dev.sluice.common.journal.History;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes audit records of what a run's journal says, the same ones whoever reads it, and adds up
/// what the run's end is to tell. Not safe for several threads.
final class RunRecords {
    private final RunRequest request;
    private final Subject subject;
    private final boolean content;
    private final Map<String, ToolCall> calls = new HashMap<>();
    private Usage counted = Usage.NONE;
    private @Nullable Usage latest;
    private long lastStep;
    private int turns;
    private int toolCalls;

    /// @param content whether to say what people, models and tools said
    RunRecords(RunRequest request, boolean content) {
        this.request = request;
        this.subject = Subject.of(request);
        this.content = content;
    }

    AuditRecord accepted() {
        return AuditRecord.accepted(request, content);
    }

    AuditRecord began(int attempt, @Nullable String worker, Instant at) {
        return record(
                "started/" + attempt,
                at,
                attempt,
                attempt == 1
                        ? new AuditEvent.RunStarted(worker)
                        : new AuditEvent.RunResumed(worker));
    }

    /// That of a turn or a tool call; each step is to come once, in the journal's order.
    AuditRecord step(Reply step) {
        lastStep = step.seq();
        return switch (step.event()) {
            case RunEvent.TurnCompleted turn -> turn(step, turn);
            case RunEvent.ToolCompleted tool -> tool(step, tool);
            case RunEvent other -> throw new IllegalArgumentException("no step: " + other);
        };
    }

    private AuditRecord turn(Reply step, RunEvent.TurnCompleted turn) {
        turns++;
        counted = counted.plus(turn.usage());
        latest = turn.usage();
        turn.message().toolCalls().forEach(call -> calls.put(call.id(), call));
        return record(
                "turn/" + step.seq(),
                step.at(),
                step.attempt(),
                new AuditEvent.TurnCompleted(
                        turn.turn(),
                        turn.model(),
                        turn.finishReason(),
                        Tokens.of(turn.usage()),
                        turn.message().toolCalls().size(),
                        content ? turn.message() : null));
    }

    private AuditRecord tool(Reply step, RunEvent.ToolCompleted tool) {
        toolCalls++;
        ToolCall call = calls.remove(tool.result().callId());
        return record(
                "tool/" + step.seq(),
                step.at(),
                step.attempt(),
                new AuditEvent.ToolCalled(
                        tool.turn(),
                        tool.result().callId(),
                        tool.tool(),
                        tool.result().error(),
                        tool.duration().toMillis(),
                        call == null ? null : ArgumentsDigest.of(call.arguments()),
                        call == null || !content ? null : call.arguments(),
                        content ? tool.result().content() : null));
    }

    /// Whether something was told between the last step and the end.
    boolean brokeOff(History.End end) {
        return end.reply().seq() - 1 > lastStep;
    }

    /// Whether a provider counted something for a turn that was not completed.
    boolean hasUncounted(History.End end) {
        return !(end.event() instanceof RunEvent.RunCompleted)
                && usage(end.event()).total() > counted.total();
    }

    /// That of the turn that broke off where the journal now ends; null where none did. What is
    /// told of the steps must have come before.
    ///
    /// @param now when it was found, where the run has not ended
    @Nullable AuditRecord cut(History history, int attempt, Instant now) {
        History.End end = history.end();
        if (history.open().isEmpty() && (end == null || !hasUncounted(end))) {
            return null;
        }
        Usage reported = end == null ? Usage.NONE : minus(usage(end.event()), counted);
        return cut(
                end == null ? history.rule().last() : end.reply().seq() - 1,
                end == null ? now : end.reply().at(),
                attempt,
                new AuditEvent.TurnCut(
                        turns + 1,
                        Tokens.estimated(
                                reported.total() > 0
                                        ? reported
                                        : Estimate.of(request, latest, history.open()))));
    }

    /// That of a turn of which nothing was told but what a provider counted.
    AuditRecord uncounted(History.End end) {
        return cut(
                end.reply().seq() - 1,
                end.reply().at(),
                end.reply().attempt(),
                new AuditEvent.TurnCut(
                        turns + 1, Tokens.estimated(minus(usage(end.event()), counted))));
    }

    private AuditRecord cut(long after, Instant at, int attempt, AuditEvent.TurnCut event) {
        return record("cut/" + after, at, attempt, event);
    }

    AuditRecord ended(History.End end) {
        Reply reply = end.reply();
        Duration took = Duration.between(request.acceptedAt(), reply.at());
        return record(
                "end",
                reply.at(),
                reply.attempt(),
                new AuditEvent.RunEnded(
                        RunEntry.Status.of(reply.event()),
                        reply.event() instanceof RunEvent.RunCompleted(FinishReason reason, _)
                                ? reason
                                : null,
                        reply.event() instanceof RunEvent.RunFailed(var failure, _)
                                ? FailureFacts.of(failure)
                                : null,
                        Tokens.of(usage(reply.event())),
                        turns,
                        toolCalls,
                        Math.max(0, took.toMillis()),
                        reply.attempt(),
                        new AuditEvent.Place(request.replyPartition(), end.offset())));
    }

    private AuditRecord record(String what, Instant at, int attempt, AuditEvent event) {
        return new AuditRecord(request.run().value() + "/" + what, at, subject, attempt, event);
    }

    private static Usage usage(RunEvent end) {
        return switch (end) {
            case RunEvent.RunCompleted(_, Usage usage) -> usage;
            case RunEvent.RunFailed(_, Usage usage) -> usage;
            case RunEvent.RunCancelled(Usage usage) -> usage;
            default -> throw new IllegalArgumentException("no end: " + end);
        };
    }

    private static Usage minus(Usage whole, Usage part) {
        return new Usage(
                Math.max(0, whole.input() - part.input()),
                Math.max(0, whole.output() - part.output()),
                Math.max(0, whole.cachedInput() - part.cachedInput()),
                Math.max(0, whole.reasoning() - part.reasoning()));
    }
}
