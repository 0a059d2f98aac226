package dev.sluice.worker.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.ReasoningDelta;
import dev.sluice.common.run.RunEvent.RefusalDelta;
import dev.sluice.common.run.RunEvent.TextDelta;
import dev.sluice.common.run.RunEvent.ToolCallDelta;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.run.Journal;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class KafkaJournalTest {
    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_000L);
    private static final RunId RUN = RunId.at(1);
    private static final RunEvent STEP =
            new RunEvent.TurnCompleted(
                    1,
                    Message.text(Message.Role.ASSISTANT, "hi"),
                    FinishReason.STOP,
                    Usage.NONE,
                    "m");
    private static final RunEvent END = new RunEvent.RunCompleted(FinishReason.STOP, Usage.NONE);

    private static final int LARGEST = 20_000;

    private final HeldProducer producer = new HeldProducer();
    private final AtomicInteger lost = new AtomicInteger();
    private final KafkaJournal journal = journal(producer);

    private KafkaJournal journal(MockProducer<String, byte[]> over) {
        return new KafkaJournal(
                over,
                new KafkaJournal.Place("replies", 3, LARGEST),
                RUN,
                2,
                "claim",
                Clock.fixed(NOW, ZoneOffset.UTC),
                lost::incrementAndGet,
                new Heard());
    }

    private static List<Reply> written(MockProducer<String, byte[]> producer) {
        return HeldProducer.replies(producer);
    }

    private List<RunEvent> events() {
        return written(producer).stream().map(Reply::event).toList();
    }

    private static TextDelta text(String text) {
        return new TextDelta(1, text);
    }

    private void say(RunEvent delta) {
        journal.tell(delta);
        journal.flush();
    }

    /// Commits on a thread of its own and returns when the record is on its way.
    private FutureTask<Void> committing(RunEvent event) {
        int before = producer.history().size();
        FutureTask<Void> task =
                new FutureTask<>(() -> {
                    journal.commit(event);
                    return null;
                });
        Thread.ofVirtual().start(task);
        Awaitility.await().until(() -> producer.history().size() > before);
        return task;
    }

    @Test
    void anAttemptBeginsWithNumberZeroAndItsEventsCountFromOne() {
        journal.begin(new RunEvent.AttemptStarted("worker-1"));
        journal.tell(STEP);
        journal.tell(END);

        assertThat(written(producer))
                .containsExactly(
                        new Reply(RUN, 2, "claim", 0, NOW, new RunEvent.AttemptStarted("worker-1")),
                        new Reply(RUN, 2, "claim", 1, NOW, STEP),
                        new Reply(RUN, 2, "claim", 2, NOW, END));
        assertThat(producer.history())
                .allSatisfy(sent -> {
                    assertThat(sent.topic()).isEqualTo("replies");
                    assertThat(sent.partition()).isEqualTo(3);
                    assertThat(sent.key()).isEqualTo(RUN.value());
                });
    }

    @Test
    void anEventThatIsLargerThanARecordIsLeftOutAndTheJournalGoesOn() {
        journal.begin(new RunEvent.AttemptStarted("worker-1"));
        say(text("a"));

        RunEvent large =
                new RunEvent.TurnCompleted(
                        1,
                        Message.text(Message.Role.ASSISTANT, "é".repeat(LARGEST / 2)),
                        FinishReason.STOP,
                        Usage.NONE,
                        "m");
        assertThatThrownBy(() -> journal.tell(large))
                .isInstanceOf(Journal.OversizedException.class)
                .hasMessageContaining("20000")
                .hasMessageContaining("gateway.max_body");
        journal.tell(END);

        assertThat(written(producer)).extracting(Reply::seq).containsExactly(0L, 1L, 2L);
        assertThat(events()).endsWith(END);
        assertThat(lost).hasValue(0);
    }

    @Test
    void deltasWaitForTheFlushAndAreJoined() {
        journal.tell(text("a"));
        journal.tell(text("b"));
        assertThat(events()).isEmpty();

        journal.flush();
        assertThat(events()).containsExactly(text("ab"));

        journal.flush();
        assertThat(events()).hasSize(1);
    }

    @Test
    void deltasThatComeWhileOneIsUnderWayAreJoinedAndSentWhenItArrives() {
        say(text("a"));
        say(text("b"));
        say(text("c"));
        assertThat(events()).containsExactly(text("a"));

        producer.completeNext();
        assertThat(events()).containsExactly(text("a"), text("bc"));

        say(text("d"));
        assertThat(events()).hasSize(2);
        producer.completeNext();
        assertThat(events()).containsExactly(text("a"), text("bc"), text("d"));
    }

    @Test
    void aDeltaAfterAPauseIsSentAtOnceAgain() {
        say(text("a"));
        producer.completeNext();

        say(text("b"));

        assertThat(events()).containsExactly(text("a"), text("b"));
    }

    @Test
    void kindsAreNotJoinedAndTheirOrderStays() {
        ToolCallDelta call = new ToolCallDelta(1, 0, "id-1", "ask", "");
        ToolCallDelta piece = new ToolCallDelta(1, 0, "id-1", null, "{");
        ToolCallDelta rest = new ToolCallDelta(1, 0, "id-1", null, "}");
        ToolCallDelta other = new ToolCallDelta(1, 1, "id-2", "ask", "{}");
        say(text("a"));
        for (RunEvent delta :
                List.of(
                        text("b"),
                        new ReasoningDelta(1, "c"),
                        new ReasoningDelta(1, "d"),
                        text("e"),
                        new RefusalDelta(1, "f"),
                        call,
                        piece,
                        rest,
                        other,
                        new TextDelta(2, "g"))) {
            journal.tell(delta);
        }

        producer.completeNext();

        assertThat(events())
                .containsExactly(
                        text("a"),
                        text("b"),
                        new ReasoningDelta(1, "cd"),
                        text("e"),
                        new RefusalDelta(1, "f"),
                        new ToolCallDelta(1, 0, "id-1", "ask", "{}"),
                        other,
                        new TextDelta(2, "g"));
    }

    @Test
    void anyOtherEventGoesOutAtOnceAfterWhatWaits() {
        say(text("a"));
        say(text("b"));
        journal.tell(new ReasoningDelta(1, "c"));
        journal.tell(STEP);

        assertThat(events())
                .containsExactly(text("a"), text("b"), new ReasoningDelta(1, "c"), STEP);
        assertThat(written(producer)).extracting(Reply::seq).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void aCommitSendsWhatWaitsAndReturnsOnceItsOwnRecordArrived() throws Exception {
        say(text("a"));
        say(text("b"));
        FutureTask<Void> commit = committing(STEP);
        Awaitility.await().until(() -> producer.history().size() == 3);
        assertThat(events()).containsExactly(text("a"), text("b"), STEP);

        producer.completeNext();
        producer.completeNext();
        assertThat(commit.isDone()).isFalse();
        producer.completeNext();

        commit.get(5, TimeUnit.SECONDS);
    }

    @Test
    void aCommitFailsWhereItsRecordDoes() {
        FutureTask<Void> commit = committing(STEP);

        producer.errorNext(new TimeoutException("late"));

        assertThatThrownBy(() -> commit.get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(Journal.LostException.class);
    }

    @Test
    void aCommitFailsWhereAnEarlierRecordFailed() {
        say(text("a"));
        FutureTask<Void> commit = committing(STEP);

        producer.errorNext(new TimeoutException("late"));
        producer.completeNext();

        assertThatThrownBy(() -> commit.get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(Journal.LostException.class);
    }

    @Test
    void anInterruptedCommitIsLeftAtOnce() throws InterruptedException {
        FutureTask<Void> task =
                new FutureTask<>(() -> {
                    journal.commit(STEP);
                    return null;
                });
        Thread thread = Thread.ofVirtual().start(task);
        Awaitility.await().until(() -> !producer.history().isEmpty());

        thread.interrupt();

        assertThatThrownBy(() -> task.get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void onceARecordFailedNothingMoreIsWrittenAndTheLossIsToldOnce() {
        say(text("a"));
        say(text("waits"));
        journal.tell(STEP);
        producer.errorNext(new TimeoutException("late"));
        producer.errorNext(new TimeoutException("late"));
        producer.errorNext(new TimeoutException("late"));

        assertThatThrownBy(() -> say(text("b"))).isInstanceOf(Journal.LostException.class);
        assertThatThrownBy(() -> journal.tell(END)).isInstanceOf(Journal.LostException.class);
        assertThatThrownBy(() -> journal.commit(END)).isInstanceOf(Journal.LostException.class);
        assertThat(events()).containsExactly(text("a"), text("waits"), STEP);
        assertThat(lost).hasValue(1);
    }

    @Test
    void whatWaitsIsNotSentAfterALoss() {
        say(text("a"));
        say(text("waits"));

        producer.errorNext(new TimeoutException("late"));

        assertThat(events()).containsExactly(text("a"));
        assertThat(lost).hasValue(1);
    }

    @Test
    void aProducerThatIsClosedLosesTheJournal() {
        producer.close();

        assertThatThrownBy(() -> say(text("a"))).isInstanceOf(Journal.LostException.class);
        assertThat(lost).hasValue(1);
    }

    @Test
    void aRecordThatIsRefusedAtOnceLeavesNoGapBehindIt() {
        say(text("a"));
        say(text("b"));
        journal.tell(new ReasoningDelta(1, "c"));
        producer.refuseAfter(0);

        assertThatThrownBy(() -> journal.tell(STEP)).isInstanceOf(Journal.LostException.class);

        assertThat(events()).containsExactly(text("a"));
        assertThat(lost).hasValue(1);
    }

    @Test
    void aFirstDeltaThatIsRefusedAtOnceLosesTheJournal() {
        producer.refuseAfter(0);
        assertThatThrownBy(
                        () -> {
                            say(text("a"));
                            say(text("b"));
                        })
                .isInstanceOf(Journal.LostException.class);

        assertThat(events()).isEmpty();
        assertThat(lost).hasValue(1);
    }

    @Test
    void aCommitThatIsRefusedAtOnceFails() {
        producer.refuseAfter(0);

        assertThatThrownBy(() -> journal.commit(STEP)).isInstanceOf(Journal.LostException.class);
        assertThat(lost).hasValue(1);
    }

    @Test
    void twoThreadsKeepTheirOrderAndTheNumbersStayWhole() throws Exception {
        LinkedBlockingQueue<Callback> underWay = new LinkedBlockingQueue<>();
        var queueing =
                new MockProducer<String, byte[]>(
                        true, null, new StringSerializer(), new ByteArraySerializer()) {
                    @Override
                    public synchronized java.util.concurrent.Future<RecordMetadata> send(
                            ProducerRecord<String, byte[]> sent, @Nullable Callback callback) {
                        if (callback != null) {
                            underWay.add(callback);
                        }
                        return super.send(sent, null);
                    }
                };
        KafkaJournal shared = journal(queueing);
        int each = 2_000;
        Thread arrivals =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                while (true) {
                                    underWay.take().onCompletion(HeldProducer.at(0), null);
                                }
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        Thread texts =
                Thread.ofPlatform()
                        .start(() -> {
                            for (int i = 0; i < each; i++) {
                                shared.tell(text(i + ","));
                                shared.flush();
                            }
                        });
        Thread thoughts =
                Thread.ofPlatform()
                        .start(() -> {
                            for (int i = 0; i < each; i++) {
                                shared.tell(new ReasoningDelta(1, i + ","));
                                shared.flush();
                            }
                        });
        texts.join();
        thoughts.join();
        shared.tell(END);
        arrivals.interrupt();
        arrivals.join();

        List<Reply> all = written(queueing);
        assertThat(all)
                .extracting(Reply::seq)
                .containsExactlyElementsOf(LongStream.rangeClosed(1, all.size()).boxed().toList());
        StringBuilder said = new StringBuilder();
        StringBuilder thought = new StringBuilder();
        for (Reply reply : all) {
            if (reply.event() instanceof TextDelta(_, String piece)) {
                said.append(piece);
            } else if (reply.event() instanceof ReasoningDelta(_, String piece)) {
                thought.append(piece);
            }
        }
        String expected =
                LongStream.range(0, each)
                        .mapToObj(i -> i + ",")
                        .collect(java.util.stream.Collectors.joining());
        assertThat(said).hasToString(expected);
        assertThat(thought).hasToString(expected);
        assertThat(all.getLast().event()).isEqualTo(END);
        assertThat(lost).hasValue(0);
    }
}
