package dev.sluice.worker.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.redis.RunEntry.StepOffset;
import dev.sluice.common.run.ContentPart.ToolResult;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.run.Journal;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.errors.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class KafkaJournalAttemptTest {
    private static final RunEvent TURN =
            new RunEvent.TurnCompleted(
                    1,
                    Message.text(Message.Role.ASSISTANT, "hi"),
                    FinishReason.TOOL_CALLS,
                    Usage.NONE,
                    "m");
    private static final RunEvent TOOL =
            new RunEvent.ToolCompleted(
                    1, "clock", ToolResult.text("id", "noon", false), Duration.ZERO);
    private static final RunEvent END = new RunEvent.RunCompleted(FinishReason.STOP, Usage.NONE);
    private static final RunEvent TEXT = new RunEvent.TextDelta(1, "a");

    private final HeldProducer producer = new HeldProducer();
    private final AtomicInteger lost = new AtomicInteger();
    private final Heard heard = new Heard();
    private final List<StepOffset> steps = heard.steps;
    private Runnable onLost = lost::incrementAndGet;
    private final KafkaJournal journal =
            new KafkaJournal(
                    producer,
                    new KafkaJournal.Place("replies", 3, 1 << 20),
                    RunId.at(1),
                    2,
                    "claim",
                    Clock.systemUTC(),
                    () -> onLost.run(),
                    heard);

    private CompletableFuture<Long> begin() {
        return journal.begin(new RunEvent.AttemptStarted("worker-1")).toCompletableFuture();
    }

    private void say(RunEvent delta) {
        journal.tell(delta);
        journal.flush();
    }

    private List<RunEvent> events() {
        return HeldProducer.replies(producer).stream().map(Reply::event).toList();
    }

    @Test
    void theBeginningCompletesWithItsOffset() {
        producer.send(
                new org.apache.kafka.clients.producer.ProducerRecord<>(
                        "replies", 3, "", new byte[0]));
        CompletableFuture<Long> begun = begin();
        assertThat(begun).isNotDone();

        producer.completeAll();

        assertThat(begun).isCompletedWithValue(1L);
    }

    @Test
    void aBeginningThatIsNotWrittenFailsWithTheReason() {
        CompletableFuture<Long> begun = begin();

        producer.errorNext(new TimeoutException("late"));

        assertThat(begun).isCompletedExceptionally();
        assertThat(begun.exceptionNow()).isInstanceOf(TimeoutException.class);
        assertThat(lost).hasValue(1);
    }

    @Test
    void aBeginningThatTheProducerRefusesFailsWithTheReason() {
        producer.close();

        CompletableFuture<Long> begun = begin();

        assertThat(begun.exceptionNow())
                .isInstanceOf(IllegalStateException.class)
                .isNotInstanceOf(Journal.LostException.class);
        assertThat(lost).hasValue(1);
    }

    @Test
    void aBeginningMayGoOutWithTheFirstEvent() {
        journal.beginWithFirstEvent(new RunEvent.AttemptStarted("worker-1"));
        journal.tell(TEXT);
        assertThat(events()).isEmpty();

        journal.tell(TURN);

        assertThat(events()).containsExactly(new RunEvent.AttemptStarted("worker-1"), TEXT, TURN);
        assertThat(HeldProducer.replies(producer))
                .extracting(Reply::seq)
                .containsExactly(0L, 1L, 2L);
    }

    @Test
    void aBeginningThatWaitsGoesOutOnceWithAFlush() {
        journal.beginWithFirstEvent(new RunEvent.AttemptStarted("worker-1"));

        journal.flush();
        journal.flush();
        journal.tell(TURN);

        assertThat(events()).containsExactly(new RunEvent.AttemptStarted("worker-1"), TURN);
    }

    @Test
    void aBeginningThatWaitsIsNotWrittenOnceTheJournalIsMuted() {
        journal.beginWithFirstEvent(new RunEvent.AttemptStarted("worker-1"));
        journal.mute();

        journal.flush();

        assertThat(events()).isEmpty();
    }

    @Test
    void numbersAndStepsCarryOnWhereTheAttemptsBeforeCameTo() {
        var _ = begin();
        journal.resumeAfter(7, 3);
        say(TEXT);
        journal.tell(TURN);
        producer.completeAll();

        assertThat(HeldProducer.replies(producer))
                .extracting(Reply::seq)
                .containsExactly(0L, 8L, 9L);
        assertThat(steps).containsExactly(new StepOffset(4, 2));
    }

    @Test
    void stepsAreToldOnceTheyAreAcknowledgedAndNothingElseIs() {
        var _ = begin();
        say(TEXT);
        journal.tell(TURN);
        journal.tell(TOOL);
        producer.completeNext();
        producer.completeNext();
        assertThat(steps).isEmpty();

        producer.completeNext();
        assertThat(steps).containsExactly(new StepOffset(1, 2));
        journal.tell(END);
        producer.completeAll();

        assertThat(steps).containsExactly(new StepOffset(1, 2), new StepOffset(2, 3));
    }

    @Test
    void aStepBehindARecordThatWasLostIsNotTold() {
        say(TEXT);
        journal.tell(TURN);

        producer.errorNext(new TimeoutException("late"));
        producer.completeNext();

        assertThat(steps).isEmpty();
    }

    @Test
    void aStepBeforeARecordThatWasRefusedIsTold() {
        journal.tell(TURN);
        producer.refuseAfter(0);
        assertThatThrownBy(
                        () -> {
                            journal.tell(TOOL);
                            say(TEXT);
                        })
                .isInstanceOf(Journal.LostException.class);

        producer.completeNext();

        assertThat(steps).containsExactly(new StepOffset(1, 0));
    }

    @Test
    void theEndReturnsItsOffset() throws Exception {
        var _ = begin();
        FutureTask<Long> ending = new FutureTask<>(() -> journal.end(END).offset());
        Thread.ofVirtual().start(ending);
        Awaitility.await().until(() -> events().contains(END));

        producer.completeNext();
        assertThat(ending.isDone()).isFalse();
        producer.completeNext();

        assertThat(ending.get(5, TimeUnit.SECONDS)).isEqualTo(1);
    }

    @Test
    void anEndBehindARecordThatWasLostIsNone() {
        say(TEXT);
        FutureTask<Long> ending = new FutureTask<>(() -> journal.end(END).offset());
        Thread.ofVirtual().start(ending);
        Awaitility.await().until(() -> events().contains(END));

        producer.errorNext(new TimeoutException("late"));
        producer.completeNext();

        assertThatThrownBy(() -> ending.get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(Journal.LostException.class);
    }

    @Test
    void aMutedJournalWritesNothingMoreAndIsNotCalledLost() {
        say(TEXT);
        journal.tell(new RunEvent.TextDelta(1, "waits"));

        journal.mute();

        assertThatThrownBy(() -> journal.tell(TEXT)).isInstanceOf(Journal.LostException.class);
        assertThatThrownBy(() -> journal.tell(TURN)).isInstanceOf(Journal.LostException.class);
        assertThatThrownBy(() -> journal.commit(TURN)).isInstanceOf(Journal.LostException.class);
        assertThatThrownBy(() -> journal.end(END)).isInstanceOf(Journal.LostException.class);
        assertThat(begin()).isCompletedExceptionally();
        producer.completeAll();
        assertThat(events()).containsExactly(TEXT);
        assertThat(lost).hasValue(0);
    }

    @Test
    void aRecordThatFailsAfterTheJournalWasMutedIsNobodysConcern() {
        say(TEXT);
        journal.mute();

        producer.errorNext(new TimeoutException("late"));

        assertThat(lost).hasValue(0);
    }

    @Test
    void aStepThatWasWrittenBeforeTheJournalWasMutedIsTold() {
        journal.tell(TURN);
        journal.mute();

        producer.completeAll();

        assertThat(steps).containsExactly(new StepOffset(1, 0));
    }

    @Test
    void anEndThatIsUnderWayWhenTheJournalIsMutedIsNone() {
        FutureTask<Long> ending = new FutureTask<>(() -> journal.end(END).offset());
        Thread.ofVirtual().start(ending);
        Awaitility.await().until(() -> events().contains(END));
        journal.mute();

        producer.completeAll();

        assertThatThrownBy(() -> ending.get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(Journal.LostException.class);
    }

    @Test
    void whoeverIsToldOfALossMayHoldALockWithWhichItMutes() throws Exception {
        ReentrantLock owners = new ReentrantLock();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch telling = new CountDownLatch(1);
        onLost =
                () -> {
                    telling.countDown();
                    owners.lock();
                    try {
                        lost.incrementAndGet();
                    } finally {
                        owners.unlock();
                    }
                };
        FutureTask<Void> muting =
                new FutureTask<>(() -> {
                    owners.lock();
                    try {
                        held.countDown();
                        telling.await();
                        journal.mute();
                    } finally {
                        owners.unlock();
                    }
                    return null;
                });
        Thread.ofPlatform().daemon().start(muting);
        assertThat(held.await(5, TimeUnit.SECONDS)).isTrue();
        producer.refuseAfter(0);
        FutureTask<Void> tellingIt =
                new FutureTask<>(() -> {
                    say(TEXT);
                    return null;
                });
        Thread.ofPlatform().daemon().start(tellingIt);

        muting.get(5, TimeUnit.SECONDS);
        tellingIt.get(5, TimeUnit.SECONDS);

        assertThat(lost).hasValue(1);
    }

    @Test
    void whatIsTooLargeIsNotSaidToHaveBeenSent() {
        journal.tell(TEXT);
        var large =
                new RunEvent.ToolCompleted(
                        1,
                        "clock",
                        ToolResult.text("id", "x".repeat(1 << 20), false),
                        Duration.ZERO);

        assertThatThrownBy(() -> journal.tell(large)).isInstanceOf(RuntimeException.class);
        journal.tell(TOOL);

        assertThat(heard.sent).containsExactly(TEXT, TOOL);
    }

    @Test
    void aBeginningThatWentWithTheFirstEventIsHeardOf() {
        journal.beginWithFirstEvent(new RunEvent.AttemptStarted("worker-1"));
        journal.tell(TOOL);
        assertThat(heard.began).isEmpty();

        producer.completeNext();

        assertThat(heard.began).containsExactly(new RunEvent.AttemptStarted("worker-1"));
        assertThat(heard.sent).containsExactly(TOOL);
    }
}
