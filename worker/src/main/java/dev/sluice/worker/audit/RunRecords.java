package dev.sluice.worker.audit;

import dev.sluice.common.audit.ArgumentsDigest;
import dev.sluice.common.audit.AuditEvent;
import dev.sluice.common.audit.AuditEvent.ToolCalled.Outcome;
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
import dev.sluice.common.run.RunEvent.ToolCompleted.Cause;
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

    /// That of an attempt; null where it was made only to say how the run ends. That the run waited
    /// for a worker before this attempt; null for the first, and for one that executes nothing.
    @Nullable AuditRecord waited(History.Attempt attempt) {
        return attempt.number() == 1 || !attempt.executes()
                ? null
                : AuditRecord.waiting(request, attempt.number() - 1, attempt.at());
    }

    @Nullable AuditRecord began(History.Attempt attempt) {
        if (!attempt.executes()) {
            return null;
        }
        return record(
                "started/" + attempt.number(),
                attempt.at(),
                attempt.number(),
                attempt.number() == 1
                        ? new AuditEvent.RunStarted(attempt.worker())
                        : new AuditEvent.RunResumed(attempt.worker()));
    }

    /// That of a turn or a tool call; each step is to come once, in the journal's order.
    AuditRecord step(Reply step) {
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
                        tool.cause() == Cause.NO_SUCH_TOOL && !content ? null : tool.tool(),
                        outcome(tool),
                        tool.duration().toMillis(),
                        call == null ? null : ArgumentsDigest.of(call.arguments()),
                        call == null || !content ? null : call.arguments(),
                        content ? tool.result().content() : null));
    }

    private static Outcome outcome(RunEvent.ToolCompleted tool) {
        return tool.cause() == Cause.UNKNOWN
                ? Outcome.UNKNOWN
                : tool.result().error() ? Outcome.FAILED : Outcome.OK;
    }

    /// That of a turn that an attempt left unfinished, of which nobody says what it cost.
    AuditRecord cut(OpenTurn open) {
        return cut(
                open.attempt(),
                open.seq(),
                open.at(),
                Estimate.of(request, latest, open.characters()));
    }

    /// That of the turn that broke off with the run's end; null where none did. The steps must have
    /// come before.
    ///
    /// @param open what was told last of a turn that was not completed
    @Nullable AuditRecord cut(History.End end, OpenTurn open) {
        Reply reply = end.reply();
        Usage uncounted =
                reply.event() instanceof RunEvent.RunCompleted
                        ? Usage.NONE
                        : minus(usage(reply.event()), counted);
        boolean told = open.attempt() == reply.attempt();
        if (uncounted.total() > 0) {
            return cut(reply.attempt(), reply.seq() - 1, told ? open.at() : reply.at(), uncounted);
        }
        return told ? cut(open) : null;
    }

    private AuditRecord cut(int attempt, long after, Instant at, Usage usage) {
        return record(
                "cut/" + attempt + "/" + after,
                at,
                attempt,
                new AuditEvent.TurnCut(turns + 1, Tokens.estimated(usage)));
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
