package dev.sluice.worker.audit;

import static dev.sluice.worker.audit.Samples.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.audit.ArgumentsDigest;
import dev.sluice.common.audit.AuditCodec;
import dev.sluice.common.audit.AuditEvent;
import dev.sluice.common.audit.AuditLog;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.audit.Tokens;
import dev.sluice.common.journal.History;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.ContentPart.ToolResult;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.ToolCompleted.Cause;
import dev.sluice.common.run.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
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

    private static final Reply BEGINNING = reply(1, 0, new RunEvent.AttemptStarted("worker-1"));

    private final MockProducer<String, byte[]> producer =
            new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer());
    private final RunTrail trail = trail(false);

    private RunTrail trail(boolean content) {
        return new RunTrail(
                new AuditLog(producer, new Topics("sluice"), 100_000, content),
                Runnable::run,
                Samples.request(Message.text(Message.Role.USER, "12345678")));
    }

    private List<AuditRecord> sent() {
        return producer.history().stream()
                .map(record -> AuditCodec.decode(record.value()).orElseThrow())
                .toList();
    }

    private List<String> ids() {
        return sent().stream().map(event -> event.id().substring("run_1/".length())).toList();
    }

    private static Reply says(int attempt, long seq, String text) {
        return reply(attempt, seq, new RunEvent.TextDelta(1, text));
    }

    private static History.End end(int attempt, long seq, RunEvent event) {
        return new History.End(reply(attempt, seq, event), 99);
    }

    private static History.End completed(long seq) {
        return end(1, seq, new RunEvent.RunCompleted(FinishReason.STOP, USAGE));
    }

    /// What a reader finds after these replies of as many attempts, the last of which began last.
    private static History history(
            List<Reply> steps, List<Reply> open, int attempts, History.@Nullable End end) {
        List<History.Attempt> began = new ArrayList<>();
        for (int attempt = 1; attempt <= attempts; attempt++) {
            began.add(new History.Attempt(attempt, "worker-" + attempt, Samples.ACCEPTED, true));
        }
        return new History(steps, open, began, new AttemptRule(), end);
    }

    private void steps(RunTrail trail, Reply... steps) {
        for (Reply step : steps) {
            trail.sent(step);
            trail.written(step);
            trail.confirmed(step);
        }
    }

    private void arriveAll() {
        while (producer.completeNext()) {
            Thread.onSpinWait();
        }
    }

    private static AuditEvent.TurnCut cut(int turn, long input, long output) {
        return new AuditEvent.TurnCut(turn, Tokens.estimated(new Usage(input, output, 0, 0)));
    }

    @Test
    void theEndIsWrittenWhenAllOfTheRunIs() {
        steps(trail, BEGINNING, TURN, TOOL);

        CompletionStage<?> settled = trail.end(completed(4));

        assertThat(ids()).containsExactly("accepted", "started/1", "turn/2", "tool/3", "end");
        for (int i = 0; i < 4; i++) {
            producer.completeNext();
        }
        assertThat(settled.toCompletableFuture()).isNotDone();
        producer.completeNext();
        assertThat(settled.toCompletableFuture()).isCompleted();
    }

    @Test
    void whatIsNotCertainToCountIsToldOnlyWithWhatIs() {
        trail.written(BEGINNING);
        trail.written(TURN);
        trail.written(TOOL);
        assertThat(ids()).isEmpty();

        trail.confirmed(TURN);
        assertThat(ids()).containsExactly("accepted", "started/1", "turn/2");

        trail.end(completed(4));
        assertThat(ids()).containsExactly("accepted", "started/1", "turn/2", "tool/3", "end");
    }

    @Test
    void theBeginningIsToldByTheJournalsTime() {
        steps(trail, BEGINNING);

        assertThat(sent().getLast().at()).isEqualTo(BEGINNING.at());
        assertThat(sent().getLast().event()).isEqualTo(new AuditEvent.RunStarted("worker-1"));
    }

    @Test
    void anAttemptThatOnlySaysThatTheRunIsAtItsEndDidNotBegin() {
        steps(trail, reply(1, 0, new RunEvent.AttemptStarted("worker-1", true)));
        History history =
                new History(
                        List.of(),
                        List.of(),
                        List.of(new History.Attempt(2, "worker-2", Samples.ACCEPTED, false)),
                        new AttemptRule(),
                        null);

        trail(false).resume(history);

        assertThat(ids()).containsExactly("accepted", "accepted");
    }

    @Test
    void whatCouldNotBeWrittenIsSentAgainAndOnlyThat() {
        steps(trail, BEGINNING, TURN);
        producer.completeNext();
        producer.errorNext(new IllegalStateException("away"));
        arriveAll();
        CompletionStage<?> settled = trail.end(completed(3));
        arriveAll();
        assertThat(settled.toCompletableFuture()).isNotDone();
        producer.clear();

        await().atMost(Duration.ofSeconds(10)).until(() -> !producer.history().isEmpty());

        assertThat(ids()).containsExactly("started/1");
        arriveAll();
        assertThat(settled.toCompletableFuture()).isCompleted();
    }

    @Test
    void nothingIsTriedAgainForARunThatIsGivenUp() {
        steps(trail, BEGINNING);
        arriveAll();
        producer.clear();
        steps(trail, TURN);
        trail.giveUp();

        producer.errorNext(new IllegalStateException("away"));

        await().during(Duration.ofMillis(1_500))
                .atMost(Duration.ofSeconds(3))
                .until(() -> producer.history().size() == 1);
    }

    @Test
    void theEndIsToldOnceHoweverOftenItIsAsked() {
        trail.end(completed(1));
        CompletionStage<?> second = trail.end(completed(1));

        assertThat(ids()).containsExactly("accepted", "end");
        arriveAll();
        assertThat(second.toCompletableFuture()).isCompleted();
    }

    @Test
    void aToolCallHasTheDigestOfItsArgumentsAndNoContent() {
        steps(trail, TURN, TOOL);

        assertThat(sent())
                .last()
                .extracting(AuditRecord::event)
                .isEqualTo(
                        new AuditEvent.ToolCalled(
                                1,
                                "call_1",
                                "clock__now",
                                AuditEvent.ToolCalled.Outcome.OK,
                                7,
                                ArgumentsDigest.of("{\"a\":2,\"b\":1}"),
                                null,
                                null));
        assertThat(sent().getLast().at()).isEqualTo(Samples.ACCEPTED.plusSeconds(3));
    }

    @Test
    void whatWasSaidIsToldWhereThatIsAskedFor() {
        steps(trail(true), BEGINNING, TURN, TOOL);

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
        CompletionStage<?> told = trail.resume(history(List.of(TURN, TOOL), List.of(), 2, null));

        assertThat(told.toCompletableFuture()).isCompleted();
        assertThat(ids())
                .containsExactly(
                        "accepted", "started/1", "waiting/1", "started/2", "turn/2", "tool/3");
        assertThat(sent().get(1).event()).isEqualTo(new AuditEvent.RunStarted("worker-1"));
        assertThat(sent().get(2).event()).isEqualTo(new AuditEvent.RunWaiting());
        assertThat(sent().get(3).event()).isEqualTo(new AuditEvent.RunResumed("worker-2"));
    }

    @Test
    void aTurnThatBrokeOffIsWrittenBeforeTheRunGoesOn() {
        History history = history(List.of(TURN, TOOL), List.of(says(1, 4, "12345678")), 2, null);

        CompletionStage<?> told = trail.resume(history);

        assertThat(ids()).last().isEqualTo("cut/1/4");
        assertThat(sent().getLast().event()).isEqualTo(cut(2, 10, 2));
        assertThat(sent().getLast().attempt()).isEqualTo(1);
        assertThat(sent().getLast().at()).isEqualTo(Samples.ACCEPTED.plusSeconds(4));
        assertThat(told.toCompletableFuture()).isNotDone();
        arriveAll();
        assertThat(told.toCompletableFuture()).isCompleted();
    }

    @Test
    void eachAttemptThatToldOfATurnLeavesACutOfItsOwn() {
        List<Reply> open = List.of(says(1, 1, "1234"), says(1, 2, "5678"), says(2, 3, "1234"));

        trail.resume(history(List.of(), open, 3, null));
        trail.sent(says(3, 4, "1234"));
        trail.end(end(3, 5, new RunEvent.RunCancelled(Usage.NONE)));

        assertThat(sent())
                .filteredOn(event -> event.event() instanceof AuditEvent.TurnCut)
                .extracting(AuditRecord::id, AuditRecord::event)
                .containsExactly(
                        tuple("run_1/cut/1/2", cut(1, 2, 2)),
                        tuple("run_1/cut/2/3", cut(1, 2, 3)),
                        tuple("run_1/cut/3/4", cut(1, 2, 4)));
    }

    @Test
    void theWorkerThatTellsOfAnEndAndTheOneThatFindsItSayTheSame() {
        History.End end = end(1, 6, new RunEvent.RunCancelled(USAGE));
        steps(trail, BEGINNING, TURN, TOOL);
        trail.sent(says(1, 4, "12"));
        trail.sent(says(1, 5, "34"));
        trail.end(end);
        List<AuditRecord> live = sent();
        producer.clear();

        RunTrail finder = trail(false);
        List<Reply> open = List.of(says(1, 4, "12"), says(1, 5, "34"));
        History.Attempt began = new History.Attempt(1, "worker-1", BEGINNING.at(), true);
        finder.found(
                new History(List.of(TURN, TOOL), open, List.of(began), new AttemptRule(), end));
        finder.end(end);

        assertThat(ids())
                .containsExactly("accepted", "started/1", "turn/2", "tool/3", "cut/1/5", "end");
        assertThat(sent()).isEqualTo(live);
        assertThat(sent().get(4).event()).isEqualTo(cut(2, 10, 1));
        var told = (AuditEvent.RunEnded) sent().getLast().event();
        assertThat(told.turns()).isEqualTo(1);
        assertThat(told.toolCalls()).isEqualTo(1);
        assertThat(told.durationMs()).isEqualTo(6_000);
        assertThat(told.journal()).isEqualTo(new AuditEvent.Place(3, 99));
    }

    @Test
    void aTurnThatWasResetOrCompletedIsNotOpen() {
        trail.sent(says(1, 1, "1234"));
        trail.sent(reply(1, 2, new RunEvent.TurnReset(1)));
        trail.sent(says(1, 3, "1234"));
        steps(trail, reply(1, 4, TURN.event()));

        trail.end(end(1, 5, new RunEvent.RunCancelled(USAGE)));

        assertThat(ids()).containsExactly("accepted", "turn/4", "end");
    }

    @Test
    void whatAProviderCountedOfATurnThatFailedIsTold() {
        steps(trail, TURN);
        Usage counted = USAGE.plus(new Usage(7, 3, 0, 0));

        trail.end(end(1, 4, new RunEvent.RunFailed(new Failure.WorkerLost(), counted)));

        assertThat(ids()).containsExactly("accepted", "turn/2", "cut/1/3", "end");
        assertThat(sent().get(2).event()).isEqualTo(cut(2, 7, 3));
    }

    @Test
    void aCallWhoseOutcomeNobodyKnowsAndAToolThatThereIsNotAreToldAsSuch() {
        ToolResult result = ToolResult.text("call_1", "oh", true);
        steps(
                trail,
                reply(
                        1,
                        1,
                        new RunEvent.ToolCompleted(1, "a", result, Duration.ZERO, Cause.UNKNOWN)),
                reply(1, 2, new RunEvent.ToolCompleted(1, "b", result, Duration.ZERO)),
                reply(
                        1,
                        3,
                        new RunEvent.ToolCompleted(
                                1, "my secret", result, Duration.ZERO, Cause.NO_SUCH_TOOL)));

        assertThat(sent().stream().skip(1))
                .extracting(event -> (AuditEvent.ToolCalled) event.event())
                .extracting(AuditEvent.ToolCalled::tool, AuditEvent.ToolCalled::outcome)
                .containsExactly(
                        tuple("a", AuditEvent.ToolCalled.Outcome.UNKNOWN),
                        tuple("b", AuditEvent.ToolCalled.Outcome.FAILED),
                        tuple(null, AuditEvent.ToolCalled.Outcome.FAILED));
    }
}
