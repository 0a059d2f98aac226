package dev.sluice.gateway.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.TextDelta;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.Usage;
import dev.sluice.gateway.dialect.EventId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
@Timeout(60)
class AttachIT {
    private static final RunEvent END = new RunEvent.RunCompleted(FinishReason.STOP, Usage.NONE);

    @TempDir static Path data;
    private static ReplyTopic topic;

    private final RunId run = RunId.at(1);
    private int partition;

    @BeforeAll
    static void start() throws InterruptedException {
        topic = new ReplyTopic(data);
    }

    @AfterAll
    static void stop() throws Exception {
        topic.close();
    }

    private RunCursor attach(Beginning from, OptionalLong end, Taken taken) throws Exception {
        return topic.onLoop(() -> topic.router().attach(run, partition, from, end, taken));
    }

    private Taken attached() throws Exception {
        Taken taken = new Taken();
        attach(Beginning.at(0), OptionalLong.empty(), taken);
        return taken;
    }

    private void begin(boolean own) throws Exception {
        begin(topic.partitions(own).getFirst());
    }

    private void begin(int where) {
        partition = where;
        write(new RunEvent.AttemptStarted("worker"));
    }

    private void write(RunEvent event) {
        topic.write(partition, run, 1, "a", event);
    }

    private void write(int from, int to) {
        for (int i = from; i < to; i++) {
            write(new TextDelta(1, "" + i));
            if (i % 5 == 0) {
                topic.write(partition, RunId.at(2), 1, "x", new TextDelta(1, "another run's"));
            }
        }
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoAttachesIsGivenWhatWasAndThenWhatComes(boolean own) throws Exception {
        begin(own);
        write(0, 500);
        topic.flush();

        Taken taken = attached();
        Awaitility.await().until(() -> taken.texts().size() == 500);
        write(500, 700);
        write(END);
        taken.awaitEnd();

        assertThat(taken.texts()).isEqualTo(upTo(700));
        assertThat(taken.offsets).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aPartitionOfOthersIsFollowedWhileSomebodyWatchesAndNewOnesJoin() throws Exception {
        begin(false);
        write(0, 10);
        Taken first = attached();
        Awaitility.await().until(() -> first.texts().size() == 10);
        write(10, 20);
        Taken second = new Taken();
        RunCursor leaving = attach(Beginning.at(0), OptionalLong.empty(), second);
        Awaitility.await().until(() -> second.texts().size() == 20);
        topic.onLoop(() -> {
            leaving.close();
            return true;
        });
        write(20, 30);
        write(END);
        first.awaitEnd();

        assertThat(first.texts()).isEqualTo(upTo(30));
        assertThat(second.texts()).isEqualTo(upTo(20));
        assertThat(topic.onLoop(topic.router()::following)).isZero();
        Taken again = attached();
        again.awaitEnd();
        assertThat(again.texts()).isEqualTo(upTo(30));
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, false", "3, false", "4, false"})
    void nothingIsLostOrDoubledWhoeverAttachesAndPausesWhenever(long seed, boolean own)
            throws Exception {
        Random random = new Random(seed);
        int events = 1_500;
        begin(own);
        List<Taken> all = new ArrayList<>();
        List<RunCursor> cursors = new ArrayList<>();
        long timer =
                topic.vertx()
                        .setPeriodic(
                                3,
                                _ ->
                                        topic.loop()
                                                .runOnContext(
                                                        _ -> cursors.forEach(RunCursor::resume)));
        for (int i = 0; i < events; i++) {
            write(i, i + 1);
            if (random.nextInt(80) == 0) {
                Random pauses = new Random(random.nextLong());
                Taken taken = new Taken(_ -> pauses.nextInt(30) != 0);
                RunCursor cursor = attach(Beginning.at(0), OptionalLong.empty(), taken);
                all.add(taken);
                topic.onLoop(() -> cursors.add(cursor));
            }
        }
        write(END);
        all.forEach(Taken::awaitEnd);
        topic.vertx().cancelTimer(timer);

        assertThat(all)
                .hasSizeGreaterThan(5)
                .allSatisfy(taken -> {
                    assertThat(taken.texts()).isEqualTo(upTo(events));
                    assertThat(taken.events).hasSize(events + 2);
                });
        assertThat(topic.onLoop(topic.router()::following)).isZero();
    }

    @Test
    void whoComesBackGoesOnBehindTheEventItSawLast() throws Exception {
        begin(false);
        write(0, 20);
        topic.write(partition, run, 2, "b", new RunEvent.AttemptStarted("other"));
        write(new TextDelta(1, "999"));
        for (int i = 20; i < 30; i++) {
            topic.write(partition, run, 2, "b", new TextDelta(1, "" + i));
        }
        topic.write(partition, run, 2, "b", END);
        Taken whole = attached();
        whole.awaitEnd();
        assertThat(whole.texts()).isEqualTo(upTo(30));

        for (int i = 0; i < whole.replies.size() - 1; i++) {
            Reply seen = whole.replies.get(i);
            if (seen.seq() == 0) {
                continue;
            }
            Taken rest = new Taken();
            attach(
                    new Beginning(AttemptRule.after(seen), whole.offsets.get(i) + 1),
                    OptionalLong.empty(),
                    rest);
            rest.awaitEnd();
            assertThat(rest.offsets).isEqualTo(whole.offsets.subList(i + 1, whole.offsets.size()));
        }
    }

    @Test
    void aRunThatHasEndedIsReadWithoutFollowingIt() throws Exception {
        begin(false);
        write(0, 100);
        write(END);
        topic.flush();
        Taken whole = attached();
        whole.awaitEnd();
        Taken taken = new Taken();
        attach(Beginning.at(0), OptionalLong.of(whole.offsets.getLast()), taken);
        taken.awaitEnd();

        assertThat(taken.offsets).isEqualTo(whole.offsets);
    }

    @Test
    void whatTheLogHasForgottenIsSaidAndNotSkipped() throws Exception {
        // No other test reads this one from its start.
        begin(topic.partitions(false).getLast());
        write(0, 50);
        topic.flush();
        Taken whole = attached();
        Awaitility.await().until(() -> whole.texts().size() == 50);
        topic.forget(partition, whole.offsets.get(20));

        Taken late = new Taken();
        attach(Beginning.at(whole.offsets.getFirst()), OptionalLong.empty(), late);

        assertThat(late.forgotten.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(late.events).isEmpty();
        Taken still = new Taken();
        attach(
                new Beginning(AttemptRule.after(whole.replies.get(20)), whole.offsets.get(20) + 1),
                OptionalLong.empty(),
                still);
        write(50, 60);
        write(END);
        still.awaitEnd();
        assertThat(still.texts()).isEqualTo(IntStream.range(20, 60).boxed().toList());
        whole.awaitEnd();
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(topic.onLoop(topic.router()::following)).isZero());
    }

    /// What others write meanwhile is none of a reader's business, or it would never be done.
    @Test
    void aPartitionThatIsNeverSilentIsReadToWhereItEnded() throws Exception {
        begin(true);
        write(0, 5);
        topic.flush();
        AtomicBoolean quiet = new AtomicBoolean();
        Thread others =
                Thread.ofPlatform()
                        .start(() -> {
                            while (!quiet.get()) {
                                topic.write(
                                        partition, RunId.at(3), 1, "y", new TextDelta(1, "more"));
                                topic.flush();
                            }
                        });
        try {
            RunLog log = new RunLog(topic.log(), null);
            RunEntry entry =
                    RunEntry.of(
                            new RunRequest(
                                    run,
                                    "agent",
                                    null,
                                    List.of(),
                                    List.of(),
                                    Map.of(),
                                    Map.of(),
                                    RunRequest.OnDisconnect.CONTINUE,
                                    false,
                                    Lane.INTERACTIVE,
                                    partition,
                                    0,
                                    0,
                                    Instant.EPOCH,
                                    Instant.MAX));

            assertThat(
                            topic.answer(() -> log.page(entry, EventId.START, 100, topic.loop()))
                                    .events())
                    .hasSize(6);
            assertThat(topic.answer(() -> log.history(entry, topic.loop())).open()).hasSize(5);
        } finally {
            quiet.set(true);
            others.join();
        }
    }

    @Test
    void aRequestToCancelIsShownToNobody() throws Exception {
        begin(true);
        write(0, 3);
        topic.write(partition, run, 0, "", new RunEvent.CancelRequested());
        write(3, 5);
        write(END);
        Taken taken = attached();
        taken.awaitEnd();

        assertThat(taken.events).hasSize(7).noneMatch(RunEvent.CancelRequested.class::isInstance);
    }
}
