package dev.sluice.common.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.redis.FleetStates.Queue;
import dev.sluice.common.redis.FleetStates.Seen;
import dev.sluice.common.redis.FleetStates.Worker;
import dev.sluice.common.redis.RunEntry.Offer;
import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.redis.WorkerReport.Executing;
import dev.sluice.common.redis.WorkerReport.Load;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NullUnmarked
class FleetStatesIT {
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final double FOR_EVER = 9e15;
    private static final Queue NOBODY = new Queue(0, Duration.ZERO, 0);

    @TempDir static Path data;
    private static EmbeddedRedis server;
    private static Redis redis;

    private final RunStates states = new RunStates(redis, LONGEST, Duration.ofMinutes(1));
    private final FleetStates fleet = new FleetStates(redis, states, LONGEST);

    @BeforeAll
    static void start() {
        server = EmbeddedRedis.start(data, 0, new RedisBinary.Bundled());
        redis = Redis.connect(RedisConfigs.of(server.url()), Clock.systemUTC());
    }

    @AfterAll
    static void stop() {
        redis.close();
        server.close();
    }

    @BeforeEach
    void nothingIsKnown() throws Exception {
        answer(redis.commands().flushall());
    }

    private static <T> T answer(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    private Seen look() throws Exception {
        return answer(fleet.look());
    }

    private Queue queue(Lane lane) throws Exception {
        return look().queues().get(lane);
    }

    private static RunRequest request(Lane lane) {
        return new RunRequest(
                RunId.at(1),
                "agent",
                null,
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                RunRequest.OnDisconnect.CANCEL,
                false,
                lane,
                0,
                0,
                0,
                redis.now().minusSeconds(20),
                redis.now().plusSeconds(60));
    }

    private RunRequest registered(Lane lane) throws Exception {
        RunRequest request = request(lane);
        answer(states.register(request, "", 0));
        return request;
    }

    private void waitsSince(RunRequest request, Duration ago) throws Exception {
        answer(
                redis.commands()
                        .zadd(
                                FleetStates.waiting(redis, request.lane()),
                                (double) redis.now().minus(ago).toEpochMilli(),
                                request.run().value()));
    }

    private void beats(String lease, double until, String said) throws Exception {
        answer(redis.commands().zadd(states.leases(), until, lease));
        answer(redis.commands().hset(FleetStates.reports(redis), lease, said));
    }

    private String heard(Duration ago, WorkerReport report) {
        return redis.now().minus(ago).toEpochMilli() + " " + Json.MAPPER.writeValueAsString(report);
    }

    @ParameterizedTest
    @EnumSource(Lane.class)
    void aRunWaitsInItsLaneUntilItIsClaimed(Lane lane) throws Exception {
        RunRequest request = registered(lane);
        registered(lane);
        waitsSince(request, Duration.ofSeconds(20));

        Lane other = lane == Lane.BATCH ? Lane.INTERACTIVE : Lane.BATCH;
        assertThat(queue(lane).waiting()).isEqualTo(2);
        assertThat(queue(lane).oldest())
                .isBetween(Duration.ofMillis(19_900), Duration.ofSeconds(25));
        assertThat(queue(other)).isEqualTo(NOBODY);

        beats("worker", FOR_EVER, "");
        Claim claim = answer(states.claim(request, new Offer(lane, 0, 1), "claim-1", "worker", 3));
        assertThat(claim).isInstanceOf(Claim.Execute.class);
        assertThat(queue(lane).waiting()).isEqualTo(1);
        assertThat(queue(lane).oldest()).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void aRunThatIsTakenBackOrCancelledWaitsNoLonger() throws Exception {
        RunRequest withdrawn = registered(Lane.INTERACTIVE);
        RunRequest cancelled = registered(Lane.BATCH);
        RunRequest unwatched = registered(Lane.BATCH);
        assertThat(queue(Lane.BATCH).waiting()).isEqualTo(2);

        answer(states.withdraw(withdrawn));
        answer(states.cancel(cancelled.run()));
        answer(states.cancelUnwatched(unwatched.run()));

        assertThat(queue(Lane.INTERACTIVE)).isEqualTo(NOBODY);
        assertThat(queue(Lane.BATCH)).isEqualTo(NOBODY);
    }

    @Test
    void aRunThatIsCancelledBeforeItIsMadeKnownNeverWaits() throws Exception {
        RunRequest request = request(Lane.INTERACTIVE);
        answer(states.cancel(request.run()));

        answer(states.register(request, "", 0));

        assertThat(queue(Lane.INTERACTIVE)).isEqualTo(NOBODY);
    }

    @Test
    void aRunThatJoinsWaitsOnceAndForAsLongAsTheFirst() throws Exception {
        RunRequest request = registered(Lane.INTERACTIVE);
        waitsSince(request, Duration.ofSeconds(20));

        answer(states.register(request, "", 0));

        assertThat(queue(Lane.INTERACTIVE).waiting()).isEqualTo(1);
        assertThat(queue(Lane.INTERACTIVE).oldest()).isGreaterThan(Duration.ofSeconds(19));
    }

    @Test
    void whatWasNeverPublishedCountsUntilItsDeadlineHasPassedForCertain() throws Exception {
        RunRequest lost = registered(Lane.INTERACTIVE);
        registered(Lane.INTERACTIVE);
        waitsSince(lost, LONGEST.minusSeconds(5));
        assertThat(queue(Lane.INTERACTIVE).waiting()).isEqualTo(2);

        waitsSince(lost, LONGEST.plusSeconds(1));

        assertThat(queue(Lane.INTERACTIVE).waiting()).isEqualTo(1);
        assertThat(queue(Lane.INTERACTIVE).oldest()).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void whatAnOlderWorkerClaimedWaitsNoLonger() throws Exception {
        for (int i = 0; i < 150; i++) {
            waitsSince(request(Lane.BATCH), Duration.ofSeconds(30));
        }
        registered(Lane.BATCH);

        look();

        assertThat(queue(Lane.BATCH).waiting()).isEqualTo(1);
    }

    @Test
    void whatRedisLostWaitsAgainSinceItWasAccepted() throws Exception {
        RunRequest queued = request(Lane.BATCH);
        answer(states.restoreQueued(queued, new Offer(Lane.BATCH, 0, 1), 0, false));
        answer(states.restoreQueued(request(Lane.BATCH), new Offer(Lane.BATCH, 0, 2), 1, true));
        answer(
                states.restoreClaimed(
                        request(Lane.BATCH), new Offer(Lane.BATCH, 0, 3), 1, "claim", "worker"));
        answer(
                states.restoreEnded(
                        request(Lane.BATCH),
                        new Offer(Lane.BATCH, 0, 4),
                        1,
                        new State.Ended(RunEntry.Status.COMPLETED, 5, Instant.EPOCH),
                        Duration.ZERO,
                        List.of()));

        assertThat(queue(Lane.BATCH).waiting()).isEqualTo(1);
        assertThat(queue(Lane.BATCH).oldest())
                .isBetween(Duration.ofMillis(19_900), Duration.ofSeconds(25));
    }

    @ParameterizedTest
    @EnumSource(Lane.class)
    void whatAWorkerThatIsGoneHasLeftBehindIsInDemandUntilItIsOfferedAgain(Lane lane)
            throws Exception {
        RunRequest request = registered(lane);
        RunRequest cancelled = registered(lane);
        beats("worker", FOR_EVER, "");
        answer(states.claim(request, new Offer(lane, 0, 1), "claim-1", "worker", 3));
        answer(states.claim(cancelled, new Offer(lane, 0, 2), "claim-2", "worker", 3));
        answer(states.cancel(cancelled.run()));
        assertThat(queue(lane)).isEqualTo(NOBODY);

        beats("worker", 1, "");
        assertThat(queue(lane)).isEqualTo(new Queue(0, Duration.ZERO, 1));
        assertThat(look().demand(lane)).isEqualTo(1);

        answer(redis.commands().zrem(states.leases(), "worker"));
        answer(redis.commands().zadd(states.reaping(), 1, "worker"));
        assertThat(queue(lane)).isEqualTo(new Queue(0, Duration.ZERO, 1));

        answer(redis.commands().hset(states.key(request.run()), "state", "queued"));
        assertThat(queue(lane)).isEqualTo(NOBODY);
    }

    @Test
    void aCancelledRunDoesNotHideForHowLongTheOthersWait() throws Exception {
        RunRequest cancelled = registered(Lane.BATCH);
        waitsSince(registered(Lane.BATCH), Duration.ofSeconds(10));
        answer(states.cancel(cancelled.run()));
        // A gateway from before there was this set does not take out what it cancels.
        waitsSince(cancelled, Duration.ofSeconds(30));

        assertThat(queue(Lane.BATCH).waiting()).isEqualTo(1);
        assertThat(queue(Lane.BATCH).oldest()).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void workersSayHowTheyDo() throws Exception {
        WorkerReport report =
                new WorkerReport(
                        "1.0",
                        true,
                        8,
                        2,
                        new Load(3, 1, 0, 0.5, 0),
                        new Load(1, 0, 0, 2, 0.25),
                        List.of(new Executing(RunId.at(1), "agent", Lane.BATCH, 2, 1234)));
        beats("a", FOR_EVER, heard(Duration.ofMillis(300), report));
        beats("b", 1, heard(Duration.ofSeconds(9), report));
        beats("gone", 1, heard(Duration.ofSeconds(9), report));
        answer(redis.commands().zrem(states.leases(), "gone"));

        List<Worker> workers = look().workers();

        assertThat(workers).extracting(Worker::lease).containsExactly("b", "a");
        assertThat(workers).extracting(Worker::live).containsExactly(false, true);
        assertThat(workers).extracting(Worker::report).containsExactly(report, report);
        assertThat(workers.getLast().heard())
                .isBetween(Duration.ofMillis(290), Duration.ofSeconds(5));
        assertThat(answer(redis.commands().hkeys(FleetStates.reports(redis))))
                .as("reports that belong to a lease")
                .containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aWorkerThatSaysNothingReadableIsThereAllTheSame() throws Exception {
        answer(redis.commands().zadd(states.leases(), FOR_EVER, "older"));
        beats("stranger", FOR_EVER, "17 not json");

        assertThat(look().workers())
                .filteredOn(worker -> worker.report() == null)
                .extracting(Worker::lease)
                .containsExactly("older", "stranger");
        assertThat(look().workers().getFirst().heard()).isNull();
    }
}
