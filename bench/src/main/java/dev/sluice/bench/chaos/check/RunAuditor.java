package dev.sluice.bench.chaos.check;

import dev.sluice.bench.chaos.seen.Trail;
import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads one run's replies in the order of the log. Belongs to one thread.
final class RunAuditor {
    private final AttemptRule rule = new AttemptRule();
    private final List<LoggedRun.Attempt> attempts = new ArrayList<>();
    private final List<LoggedRun.Turn> turns = new ArrayList<>();
    private final List<LoggedRun.ToolEnd> tools = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final Set<Claim> startedTooLate = new HashSet<>();
    private final StringBuilder said = new StringBuilder();
    private int speaking;
    private Trail trail = Trail.NONE;
    private LoggedRun.@Nullable End end;
    private @Nullable Claim ender;
    private boolean voided;

    private record Claim(int attempt, String id) {}

    /// Takes the next reply of the run.
    void take(Reply reply) {
        boolean ended = rule.ended();
        if (!rule.counts(reply)) {
            if (ended) {
                afterTheEnd(reply);
            }
            return;
        }
        if (reply.event() instanceof RunEvent.AttemptStarted(String worker, _)) {
            attempts.add(new LoggedRun.Attempt(reply.attempt(), worker, reply.at(), null));
            return;
        }
        LoggedRun.Attempt attempt = attempts.getLast();
        if (attempt.spoke() == null) {
            attempts.set(
                    attempts.size() - 1,
                    new LoggedRun.Attempt(
                            attempt.number(), attempt.worker(), attempt.started(), reply.at()));
        }
        trail = trail.and(reply.seq(), Types.name(reply.event()));
        count(reply);
    }

    /// A stale attempt may write what it likes. One that began after the end has read it and writes
    /// nothing, and who wrote the end has nothing more to say.
    private void afterTheEnd(Reply reply) {
        Claim claim = new Claim(reply.attempt(), reply.claim());
        if (reply.event() instanceof RunEvent.AttemptStarted) {
            startedTooLate.add(claim);
        } else if (claim.equals(ender)) {
            faults.add(
                    "%s after the end, by the same attempt".formatted(Types.name(reply.event())));
        } else if (startedTooLate.contains(claim) && reply.event().terminal()) {
            faults.add(
                    "%s by an attempt that began after the end"
                            .formatted(Types.name(reply.event())));
        }
    }

    private void count(Reply reply) {
        switch (reply.event()) {
            case RunEvent.TextDelta(int turn, String text) -> {
                speaksIn(turn);
                said.append(text);
            }
            case RunEvent.TurnReset(int turn) -> {
                speaksIn(turn);
                voided |= !said.isEmpty();
                said.setLength(0);
            }
            case RunEvent.TurnCompleted turn -> completed(turn);
            case RunEvent.ToolCompleted tool -> completed(tool, reply.at());
            case RunEvent.RunCompleted(_, var usage) ->
                    end(reply, new LoggedRun.End("", usage, reply.at()));
            case RunEvent.RunFailed(var failure, _) ->
                    end(reply, new LoggedRun.End("failed: " + failure, null, reply.at()));
            case RunEvent.RunCancelled _ ->
                    end(reply, new LoggedRun.End(LoggedRun.CANCELLED, null, reply.at()));
            case RunEvent.AttemptStarted _,
                    RunEvent.CancelRequested _,
                    RunEvent.ReasoningDelta _,
                    RunEvent.RefusalDelta _,
                    RunEvent.ToolCallDelta _,
                    RunEvent.ProviderDelta _ -> {}
            case RunEvent.Unknown(String type) -> faults.add("an event of unknown type " + type);
        }
    }

    private void end(Reply reply, LoggedRun.End how) {
        end = how;
        ender = new Claim(reply.attempt(), reply.claim());
    }

    private void speaksIn(int turn) {
        if (turn != turns.size() + 1) {
            faults.add("turn %d speaks after turn %d".formatted(turn, turns.size()));
        }
        if (turn != speaking) {
            speaking = turn;
            said.setLength(0);
        }
    }

    private void completed(RunEvent.TurnCompleted turn) {
        speaksIn(turn.turn());
        String text = turn.message().text();
        if (!said.toString().equals(text)) {
            faults.add("the deltas of turn %d are not its text".formatted(turn.turn()));
        }
        said.setLength(0);
        turns.add(new LoggedRun.Turn(turn.turn(), text, turn.message().toolCalls(), turn.usage()));
    }

    private void completed(RunEvent.ToolCompleted tool, Instant at) {
        ContentPart.ToolResult result = tool.result();
        tools.add(
                new LoggedRun.ToolEnd(
                        tool.turn(),
                        tool.tool(),
                        result.callId(),
                        result.content().stream()
                                .filter(ContentPart.Text.class::isInstance)
                                .map(part -> ((ContentPart.Text) part).text())
                                .collect(Collectors.joining()),
                        result.error(),
                        at));
    }

    /// What the log holds.
    LoggedRun finish() {
        return new LoggedRun(attempts, trail, turns, tools, end, voided, faults);
    }
}
