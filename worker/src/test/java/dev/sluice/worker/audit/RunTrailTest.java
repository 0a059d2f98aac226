package dev.sluice.worker.audit;

import static dev.sluice.worker.audit.Samples.reply;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.audit.ArgumentsDigest;
import dev.sluice.common.audit.AuditCodec;
import dev.sluice.common.audit.AuditEvent;
import dev.sluice.common.audit.AuditLog;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.audit.Tokens;
import dev.sluice.common.journal.ForgottenException;
import dev.sluice.common.journal.History;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.ContentPart.ToolResult;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.Usage;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunTrailTest {
    private static final Usage USAGE = new Usage(10, 5, 0, 0);
    private static final ToolCall CALL =
            new ToolCall("call_1", "clock__now", "{\"b\": 1, \"a\": 2}", null, Map.of());
    private static final Reply TURN =
            reply(
                    1,
                    2,
                    new RunEvent.TurnCompleted(
                            1,
                            new Message(Message.Role.ASSISTANT, List.of(CALL)),
                            FinishReason.TOOL_CALLS,
                            USAGE,
                            "model-1"));
    private static final Reply TOOL =
            reply(
                    1,
                    3,
                    new RunEvent.ToolCompleted(
                            1,
                            "clock__now",
                            ToolResult.text("call_1", "noon", false),
                            Duration.ofMillis(7)));

    private final MockProducer<String, byte[]> producer =
            new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer());
    private CompletionStage<History> journal =
            CompletableFuture.failedStage(new AssertionError("nobody is to read the journal"));
    private final RunTrail trail = trail(false);

    private RunTrail trail(boolean content) {
        return new RunTrail(
                new AuditLog(producer, new Topics("sluice"), 100_000, content),
                Samples.request(Message.text(Message.Role.USER, "12345678")),
                Clock.fixed(Samples.ACCEPTED.plusSeconds(100), ZoneOffset.UTC),
                _ -> journal);
    }

    private List<AuditRecord> sent() {
        return producer.history().stream()
                .map(record -> AuditCodec.decode(record.value()).orElseThrow())
                .toList();
    }

    private List<String> ids() {
        return sent().stream().map(event -> event.id().substring("run_1/".length())).toList();
    }

    private static History.End end(long seq, RunEvent event) {
        return new History.End(reply(1, seq, event), 99);
    }

    private static History.End completed(long seq) {
        return end(seq, new RunEvent.RunCompleted(FinishReason.STOP, USAGE));
    }

    private static History history(
            List<Reply> steps, List<RunEvent> open, int attempts, History.@Nullable End end) {
        AttemptRule rule = new AttemptRule();
        List<History.Attempt> began = new ArrayList<>();
        long seq = 0;
        for (int attempt = 1; attempt <= attempts; attempt++) {
            rule.counts(reply(attempt, 0, new RunEvent.AttemptStarted("worker-" + attempt)));
            began.add(new History.Attempt(attempt, "worker-" + attempt, Samples.ACCEPTED));
            if (attempt == 1) {
                for (long last = (long) steps.size() + open.size(); seq < last; ) {
                    rule.counts(reply(1, ++seq, new RunEvent.TextDelta(1, "x")));
                }
            }
        }
        return new History(steps, open, began, rule, end);
    }

    private void arriveAll() {
        while (producer.completeNext()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aShortRunIsToldInOneGo() {
        trail.begin("worker-1", 1, true);
        Runnable acknowledged = trail.step(TURN);
        assertThat(sent()).isEmpty();

        acknowledged.run();
        trail.step(TOOL).run();
        CompletionStage<?> settled = trail.end(completed(4));

        assertThat(ids()).containsExactly("accepted", "started/1", "turn/2", "tool/3", "end");
        assertThat(settled.toCompletableFuture()).isNotDone();
        arriveAll();
        assertThat(settled.toCompletableFuture()).isCompleted();
    }

    @Test
    void aLongSilenceDoesNotHideThatARunBegan() {
        trail.begin("worker-1", 1, true);

        trail.flush();

        assertThat(ids()).containsExactly("accepted", "started/1");
    }

    @Test
    void whatFailedIsSentAgainAndOnlyThat() {
        trail.begin("worker-1", 1, true);
        trail.step(TURN).run();
        producer.completeNext();
        producer.errorNext(new IllegalStateException("away"));
        CompletionStage<?> first = trail.end(completed(3));
        arriveAll();
        producer.clear();
        assertThat(first.toCompletableFuture()).isCompleted();

        CompletionStage<?> second = trail.end(completed(3));

        assertThat(sent()).isEmpty();
        assertThat(second.toCompletableFuture()).isCompleted();
    }

    @Test
    void anEndThatCouldNotBeWrittenIsToldAgainUntilItIs() {
        trail.begin("worker-1", 1, true);
        trail.flush();
        arriveAll();
        producer.clear();

        CompletionStage<?> first = trail.end(completed(1));
        producer.errorNext(new IllegalStateException("away"));
        CompletionStage<?> second = trail.end(completed(1));

        assertThat(first.toCompletableFuture()).isCompletedExceptionally();
        assertThat(ids()).containsExactly("end", "end");
        arriveAll();
        assertThat(second.toCompletableFuture()).isCompleted();
    }

    @Test
    void aToolCallHasTheDigestOfItsArgumentsAndNoContent() {
        trail.step(TURN).run();
        trail.step(TOOL).run();

        assertThat(sent())
                .last()
                .extracting(AuditRecord::event)
                .isEqualTo(
                        new AuditEvent.ToolCalled(
                                1,
                                "call_1",
                                "clock__now",
                                false,
                                7,
                                ArgumentsDigest.of("{\"a\":2,\"b\":1}"),
                                null,
                                null));
        assertThat(sent().getLast().at()).isEqualTo(Samples.ACCEPTED.plusSeconds(3));
    }

    @Test
    void whatWasSaidIsToldWhereThatIsAskedFor() {
        RunTrail telling = trail(true);
        telling.begin("worker-1", 1, true);
        telling.step(TURN).run();
        telling.step(TOOL).run();

        assertThat(producer.history())
                .extracting(record ->
                        new String(record.value(), java.nio.charset.StandardCharsets.UTF_8))
                .satisfiesExactly(
                        accepted -> assertThat(accepted).contains("12345678"),
                        started -> {},
                        turn -> assertThat(turn).contains("call_1"),
                        tool -> assertThat(tool).contains("noon", "\\\"b\\\": 1"));
    }

    @Test
    void whoeverTakesTheRunUpTellsWhatItReads() {
        CompletionStage<?> told =
                trail.resume(history(List.of(TURN, TOOL), List.of(), 2, null), 2, true);

        assertThat(told.toCompletableFuture()).isCompleted();
        assertThat(ids()).containsExactly("accepted", "started/1", "started/2", "turn/2", "tool/3");
        assertThat(sent().get(1).event()).isEqualTo(new AuditEvent.RunStarted("worker-1"));
        assertThat(sent().get(2).event()).isEqualTo(new AuditEvent.RunResumed("worker-2"));
    }

    @Test
    void aTurnThatBrokeOffIsWrittenBeforeTheRunGoesOn() {
        History history =
                history(
                        List.of(TURN, TOOL),
                        List.of(new RunEvent.TextDelta(2, "12345678")),
                        2,
                        null);

        CompletionStage<?> told = trail.resume(history, 2, true);

        assertThat(ids()).last().isEqualTo("cut/3");
        assertThat(sent().getLast().event())
                .isEqualTo(new AuditEvent.TurnCut(2, Tokens.estimated(new Usage(10, 2, 0, 0))));
        assertThat(sent().getLast().attempt()).isEqualTo(1);
        assertThat(told.toCompletableFuture()).isNotDone();
        arriveAll();
        assertThat(told.toCompletableFuture()).isCompleted();
    }

    @Test
    void anAttemptThatOnlySaysThatTheRunIsAtItsEndDidNotBegin() {
        trail.resume(history(List.of(), List.of(), 2, null), 2, false);

        assertThat(ids()).containsExactly("accepted", "started/1");
    }

    @Test
    void theWholeOfARunThatHasEndedIsTold() {
        History.End end = completed(4);
        trail.found(history(List.of(TURN, TOOL), List.of(), 1, end));
        trail.end(end);

        assertThat(ids()).containsExactly("accepted", "started/1", "turn/2", "tool/3", "end");
        var told = (AuditEvent.RunEnded) sent().getLast().event();
        assertThat(told.turns()).isEqualTo(1);
        assertThat(told.toolCalls()).isEqualTo(1);
        assertThat(told.durationMs()).isEqualTo(4_000);
        assertThat(told.journal()).isEqualTo(new AuditEvent.Place(3, 99));
    }

    @Test
    void aTurnThatACancellationBrokeOffIsReadFromTheJournal() {
        trail.begin("worker-1", 1, true);
        trail.step(TURN).run();
        trail.step(TOOL).run();
        History.End end = end(6, new RunEvent.RunCancelled(USAGE));
        journal =
                CompletableFuture.completedStage(
                        history(
                                List.of(TURN, TOOL),
                                List.of(new RunEvent.TextDelta(2, "1234")),
                                1,
                                end));

        trail.end(end);

        assertThat(ids())
                .containsExactly("accepted", "started/1", "turn/2", "tool/3", "cut/5", "end");
        assertThat(sent().get(4).event())
                .isEqualTo(new AuditEvent.TurnCut(2, Tokens.estimated(new Usage(10, 1, 0, 0))));
    }

    @Test
    void aJournalThatCannotBeReadJustNowIsReadAgain() {
        History.End end = end(3, new RunEvent.RunCancelled(Usage.NONE));
        journal = CompletableFuture.failedStage(new TimeoutException());
        assertThat(trail.end(end).toCompletableFuture()).isCompletedExceptionally();
        assertThat(sent()).isEmpty();

        journal = CompletableFuture.failedStage(new ForgottenException(3, 0, 100));
        trail.end(end);

        assertThat(ids()).containsExactly("end");
    }
}
