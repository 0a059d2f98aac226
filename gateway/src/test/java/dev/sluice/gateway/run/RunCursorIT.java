package dev.sluice.gateway.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.config.KafkaConfig;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Producers;
import dev.sluice.common.kafka.TopicSetup;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.TextDelta;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.Usage;
import dev.sluice.embedded.EmbeddedKafka;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
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
    private static final Topics TOPICS = new Topics("cursor");
    private static final RunEvent END = new RunEvent.RunCompleted(FinishReason.STOP, Usage.NONE);

    @TempDir static Path data;
    private static EmbeddedKafka broker;
    private static Vertx vertx;
    private static Context loop;
    private static KafkaProducer<String, byte[]> producer;
    private static LogReader log;
    private static ReplyFollower follower;
    private static ReplyRouter router;

    private final List<RunEvent> taken = new CopyOnWriteArrayList<>();
    private final RunId run = RunId.at(1);
    private volatile boolean room = true;
    private ReplyRouter.Place place;

    @BeforeAll
    static void start() throws InterruptedException {
        broker = EmbeddedKafka.start(data, 0);
        KafkaSettings settings =
                KafkaSettings.forBodies(
                        new KafkaConfig(
                                broker.bootstrapServers(),
                                Map.of(),
                                TOPICS.prefix(),
                                1,
                                new KafkaConfig.Partitions(1, 4),
                                Duration.ofHours(1)),
                        1 << 20);
        TopicSetup.ensure(settings, TOPICS);
        producer = Producers.open(settings, List.of(TOPICS.replies()));
        vertx = Vertx.vertx();
        loop = vertx.getOrCreateContext();
        log = new LogReader(new KafkaConsumer<>(settings.rereader()), TOPICS.replies());
        follower =
                new ReplyFollower(
                        new KafkaConsumer<>(settings.follower()), TOPICS.replies(), 4, 2, "gw");
        router = follower.router(loop, 0, 1, log);
        follower.start();
    }

    @AfterAll
    static void stop() throws Exception {
        follower.close();
        log.close();
        producer.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
        broker.close();
    }

    private static <T> T onLoop(java.util.concurrent.Callable<T> what) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        loop.runOnContext(_ -> {
            try {
                done.complete(what.call());
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        });
        return done.get(5, TimeUnit.SECONDS);
    }

    /// Follows the run with a sink that has room while the test says so and, after each event,
    /// while `room` says so of how many were taken.
    private RunCursor follow(IntPredicate roomAfter) throws Exception {
        return onLoop(() -> {
            place = router.nextPlace();
            return router.follow(
                    run,
                    place,
                    new RunSink() {
                        @Override
                        public void broken() {
                            brokenOff.countDown();
                        }

                        @Override
                        public void take(RunEvent event) {
                            taken.add(event);
                        }

                        @Override
                        public boolean hasRoom() {
                            return room && roomAfter.test(taken.size());
                        }
                    });
        });
    }

    private final CountDownLatch brokenOff = new CountDownLatch(1);
    private final Map<String, Long> numbers = new HashMap<>();

    private void write(RunId of, int attempt, String claim, RunEvent event) {
        Reply reply =
                new Reply(
                        of,
                        attempt,
                        claim,
                        number(of, attempt, claim, event),
                        Instant.now().truncatedTo(java.time.temporal.ChronoUnit.MILLIS),
                        event);
        producer.send(
                new ProducerRecord<>(
                        TOPICS.replies(), place.partition(), of.value(), RunCodec.encode(reply)));
    }

    /// As an attempt numbers its events: on from where the one before it stood when it began.
    private long number(RunId of, int attempt, String claim, RunEvent event) {
        String writer = of + "/" + attempt + "/" + claim;
        if (event instanceof RunEvent.AttemptStarted) {
            numbers.put(writer, numbers.getOrDefault(of + "/" + (attempt - 1) + "/a", 0L));
            return 0;
        }
        return numbers.merge(writer, 1L, Long::sum);
    }

    private void write(RunEvent event) {
        write(run, 1, "a", event);
    }

    private void begin() {
        write(new RunEvent.AttemptStarted("worker"));
    }

    private List<Integer> texts() {
        return taken.stream()
                .filter(TextDelta.class::isInstance)
                .map(event -> Integer.valueOf(((TextDelta) event).text()))
                .toList();
    }

    private void awaitEnd() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> !taken.isEmpty() && taken.getLast().equals(END));
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @Test
    void aSinkWithRoomIsGivenEachEventAsItArrivesUntilTheEnd() throws Exception {
        RunCursor cursor = follow(_ -> true);
        int before = onLoop(router::following);
        begin();
        for (int i = 0; i < 200; i++) {
            write(new TextDelta(1, "" + i));
        }
        write(END);
        write(new TextDelta(1, "999"));

        awaitEnd();

        assertThat(texts()).isEqualTo(upTo(200));
        assertThat(onLoop(cursor::behind)).isFalse();
        assertThat(onLoop(router::following)).isEqualTo(before - 1);
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
        producer.flush();
        Awaitility.await().until(() -> onLoop(cursor::behind));
        // One event more was taken before the sink was asked.
        assertThat(texts()).hasSize(2);

        room = true;
        onLoop(() -> {
            cursor.resume();
            return true;
        });
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
                vertx.setPeriodic(
                        3,
                        _ ->
                                loop.runOnContext(_ -> {
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
                producer.flush();
            }
        }
        write(END);

        awaitEnd();
        vertx.cancelTimer(timer);

        assertThat(texts()).isEqualTo(upTo(events));
        assertThat(taken).hasSize(events + 2);
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
        assertThat(onLoop(cursor::behind)).isFalse();
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
        producer.flush();
        Awaitility.await().until(() -> onLoop(cursor::behind));

        room = true;
        onLoop(() -> {
            cursor.resume();
            return true;
        });
        awaitEnd();

        assertThat(texts()).containsExactly(0, 1);
    }

    @Test
    void aClosedCursorTakesNothingMore() throws Exception {
        RunCursor cursor = follow(_ -> true);
        begin();
        write(new TextDelta(1, "0"));
        Awaitility.await().until(() -> texts().size() == 1);
        onLoop(() -> {
            cursor.close();
            return true;
        });
        write(new TextDelta(1, "1"));
        // What a later run is given shows that the record before it has passed.
        List<RunEvent> later = new ArrayList<>();
        RunId next = RunId.at(3);
        onLoop(() ->
                router.follow(
                        next,
                        new ReplyRouter.Place(place.partition(), 0),
                        new RunSink() {
                            @Override
                            public void broken() {
                                brokenOff.countDown();
                            }

                            @Override
                            public void take(RunEvent event) {
                                later.add(event);
                            }

                            @Override
                            public boolean hasRoom() {
                                return true;
                            }
                        }));
        write(next, 1, "a", new RunEvent.AttemptStarted("worker"));
        Awaitility.await().until(() -> onLoop(() -> later.size() == 1));

        assertThat(texts()).containsExactly(0);
    }

    @Test
    void aSinkThatThrowsCostsNoOtherRunItsEvents() throws Exception {
        RunId broken = RunId.at(4);
        follow(_ -> true);
        onLoop(() ->
                router.follow(
                        broken,
                        place,
                        new RunSink() {
                            @Override
                            public void broken() {
                                brokenOff.countDown();
                            }

                            @Override
                            public void take(RunEvent event) {
                                throw new IllegalStateException("cannot be encoded");
                            }

                            @Override
                            public boolean hasRoom() {
                                return true;
                            }
                        }));
        begin();
        for (int i = 0; i < 300; i++) {
            write(broken, 1, "x", new RunEvent.AttemptStarted("worker"));
            write(new TextDelta(1, "" + i));
        }
        write(END);

        awaitEnd();

        assertThat(texts()).isEqualTo(upTo(300));
        assertThat(brokenOff.await(10, TimeUnit.SECONDS)).as("the broken run was told").isTrue();
    }

    @Test
    void aRunWithAGapIsBrokenOff() throws Exception {
        follow(_ -> true);
        begin();
        write(new TextDelta(1, "0"));
        numbers.merge(run + "/1/a", 1L, Long::sum);
        write(END);

        assertThat(brokenOff.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(texts()).containsExactly(0);
    }

    @Test
    void aRecordThatIsNoReplyIsPassedOver() throws Exception {
        follow(_ -> true);
        begin();
        producer.send(new ProducerRecord<>(TOPICS.replies(), place.partition(), run.value(), null));
        producer.send(
                new ProducerRecord<>(
                        TOPICS.replies(), place.partition(), run.value(), new byte[] {1, 2}));
        write(new TextDelta(1, "0"));
        write(END);

        awaitEnd();

        assertThat(texts()).containsExactly(0);
    }
}
