package dev.sluice.gateway.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.TextDelta;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.Usage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
@Timeout(60)
class RunCursorIT {
    private static final RunEvent END = new RunEvent.RunCompleted(FinishReason.STOP, Usage.NONE);

    @TempDir static Path data;
    private static ReplyTopic topic;

    private final RunId run = RunId.at(1);
    private volatile boolean room = true;
    private Taken taken;
    private ReplyRouter.Place place;

    @BeforeAll
    static void start() throws InterruptedException {
        topic = new ReplyTopic(data);
    }

    @AfterAll
    static void stop() throws Exception {
        topic.close();
    }

    /// Follows the run with a sink that has room while the test says so and, after each event,
    /// while `room` says so of how many were taken.
    private RunCursor follow(IntPredicate roomAfter) throws Exception {
        taken = new Taken(count -> room && roomAfter.test(count));
        return topic.onLoop(() -> {
            place = topic.router().nextPlace();
            return topic.router().follow(run, place, taken);
        });
    }

    private RunCursor followAnother(RunId another, ReplyRouter.Place place, RunSink sink)
            throws Exception {
        return topic.onLoop(() -> topic.router().follow(another, place, sink));
    }

    private void resume(RunCursor cursor) throws Exception {
        topic.onLoop(() -> {
            cursor.resume();
            return true;
        });
    }

    private void write(RunId of, int attempt, String claim, RunEvent event) {
        topic.write(place.partition(), of, attempt, claim, event);
    }

    private void write(RunEvent event) {
        write(run, 1, "a", event);
    }

    private void begin() {
        write(new RunEvent.AttemptStarted("worker"));
    }

    private List<Integer> texts() {
        return taken.texts();
    }

    private void awaitEnd() {
        taken.awaitEnd();
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @Test
    void aSinkWithRoomIsGivenEachEventAsItArrivesUntilTheEnd() throws Exception {
        RunCursor cursor = follow(_ -> true);
        int before = topic.onLoop(topic.router()::following);
        begin();
        for (int i = 0; i < 200; i++) {
            write(new TextDelta(1, "" + i));
        }
        write(END);
        write(new TextDelta(1, "999"));

        awaitEnd();

        assertThat(texts()).isEqualTo(upTo(200));
        assertThat(topic.onLoop(cursor::behind)).isFalse();
        assertThat(topic.onLoop(topic.router()::following)).isEqualTo(before - 1);
    }

    @Test
    void aSinkWithoutRoomIsGivenNothingAndThenAllOfIt() throws Exception {
        RunCursor cursor = follow(_ -> true);
        begin();
        write(new TextDelta(1, "0"));
        Awaitility.await().until(() -> texts().size() == 1);
        room = false;
        for (int i = 1; i < 3_000; i++) {
            write(new TextDelta(1, "" + i));
            write(RunId.at(2), 1, "other", new TextDelta(1, "another run's"));
        }
        write(END);
        topic.flush();
        Awaitility.await().until(() -> topic.onLoop(cursor::behind));
        // One event more was taken before the sink was asked.
        assertThat(texts()).hasSize(2);

        room = true;
        resume(cursor);
        awaitEnd();

        assertThat(texts()).isEqualTo(upTo(3_000));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void nothingIsLostOrDoubledUnderPausesAtAnyTime(long seed) throws Exception {
        Random random = new Random(seed);
        int events = 4_000;
        RunCursor cursor = follow(_ -> random.nextInt(40) != 0);
        long timer =
                topic.vertx()
                        .setPeriodic(
                                3,
                                _ ->
                                        topic.loop()
                                                .runOnContext(_ -> {
                                                    if (cursor.behind()) {
                                                        cursor.resume();
                                                    }
                                                }));
        begin();
        for (int i = 0; i < events; i++) {
            write(new TextDelta(1, "" + i));
            if (i % 7 == 0) {
                write(RunId.at(seed), 1, "other", new TextDelta(1, "another run's"));
            }
            if (i % 500 == 0) {
                topic.flush();
            }
        }
        write(END);

        awaitEnd();
        topic.vertx().cancelTimer(timer);

        assertThat(texts()).isEqualTo(upTo(events));
        assertThat(taken.events).hasSize(events + 2);
    }

    @Test
    void theEventsOfASupersededAttemptAreNotSeen() throws Exception {
        RunCursor cursor = follow(_ -> true);
        begin();
        write(new TextDelta(1, "0"));
        write(run, 2, "b", new RunEvent.AttemptStarted("other"));
        write(new TextDelta(1, "100"));
        write(run, 2, "c", new TextDelta(1, "200"));
        write(run, 2, "b", new TextDelta(1, "1"));
        write(END);
        write(run, 2, "b", new TextDelta(1, "2"));
        write(run, 2, "b", END);

        awaitEnd();

        assertThat(texts()).containsExactly(0, 1, 2);
        assertThat(topic.onLoop(cursor::behind)).isFalse();
    }

    @Test
    void aSupersededAttemptIsNotSeenFromTheLogEither() throws Exception {
        RunCursor cursor = follow(_ -> true);
        room = false;
        begin();
        write(new TextDelta(1, "0"));
        write(run, 2, "b", new RunEvent.AttemptStarted("other"));
        write(new TextDelta(1, "100"));
        write(END);
        write(run, 2, "b", new TextDelta(1, "1"));
        write(run, 2, "b", END);
        topic.flush();
        Awaitility.await().until(() -> topic.onLoop(cursor::behind));

        room = true;
        resume(cursor);
        awaitEnd();

        assertThat(texts()).containsExactly(0, 1);
    }

    @Test
    void aClosedCursorTakesNothingMore() throws Exception {
        RunCursor cursor = follow(_ -> true);
        begin();
        write(new TextDelta(1, "0"));
        Awaitility.await().until(() -> texts().size() == 1);
        topic.onLoop(() -> {
            cursor.close();
            return true;
        });
        write(new TextDelta(1, "1"));
        // What a later run is given shows that the record before it has passed.
        Taken later = new Taken();
        RunId next = RunId.at(3);
        followAnother(next, new ReplyRouter.Place(place.partition(), 0), later);
        write(next, 1, "a", new RunEvent.AttemptStarted("worker"));
        Awaitility.await().until(() -> later.events.size() == 1);

        assertThat(texts()).containsExactly(0);
    }

    @Test
    void aSinkThatThrowsCostsNoOtherRunItsEvents() throws Exception {
        RunId broken = RunId.at(4);
        follow(_ -> true);
        Taken throwing =
                new Taken() {
                    @Override
                    public void take(Reply reply, long offset) {
                        throw new IllegalStateException("cannot be encoded");
                    }
                };
        followAnother(broken, place, throwing);
        begin();
        for (int i = 0; i < 300; i++) {
            write(broken, 1, "x", new RunEvent.AttemptStarted("worker"));
            write(new TextDelta(1, "" + i));
        }
        write(END);

        awaitEnd();

        assertThat(texts()).isEqualTo(upTo(300));
        assertThat(throwing.broken.await(10, TimeUnit.SECONDS))
                .as("the broken run was told")
                .isTrue();
    }

    @Test
    void afterAGapTheNextAttemptCarriesOn() throws Exception {
        follow(_ -> true);
        begin();
        write(new TextDelta(1, "0"));
        topic.skipNumber(run, 1, "a");
        write(new TextDelta(1, "100"));
        write(END);
        topic.write(
                place.partition(),
                new Reply(run, 2, "b", 0, Instant.EPOCH, new RunEvent.AttemptStarted("other")));
        topic.write(
                place.partition(), new Reply(run, 2, "b", 2, Instant.EPOCH, new TextDelta(1, "1")));
        topic.write(place.partition(), new Reply(run, 2, "b", 3, Instant.EPOCH, END));

        awaitEnd();

        assertThat(texts()).containsExactly(0, 1);
    }

    @Test
    void aRecordThatIsNoReplyIsPassedOver() throws Exception {
        follow(_ -> true);
        begin();
        topic.write(place.partition(), run, (byte[]) null);
        topic.write(place.partition(), run, new byte[] {1, 2});
        write(new TextDelta(1, "0"));
        write(END);

        awaitEnd();

        assertThat(texts()).containsExactly(0);
    }
}
