package dev.sluice.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.run.Model;
import dev.sluice.worker.run.ScriptedTurns;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What workers make of two lanes.
@NullUnmarked
@Timeout(60)
class LanesIT {
    private static final Duration DRAIN = Duration.ofSeconds(10);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir static Path data;
    private static Fleet fleet;

    @BeforeAll
    static void start() {
        fleet = new Fleet(data);
    }

    @AfterAll
    static void stop() {
        fleet.close();
    }

    private static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20));
    }

    private static RunEvent end(List<Reply> replies) {
        assertThat(replies).filteredOn(reply -> reply.event().terminal()).hasSize(1);
        return replies.getLast().event();
    }

    private static List<RunId> offerBatch(Fleet.Room room, int count) throws Exception {
        List<RunId> runs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            runs.add(room.offer(Lane.BATCH));
        }
        return runs;
    }

    @Test
    void aWorkerFullOfBatchRunsTakesAnInteractiveOneAtOnce() throws Exception {
        try (Fleet.Room room = fleet.greedyRoom("full-of-batch", 16)) {
            offerBatch(room, 40);
            Gated model = Gated.closed();
            room.worker(4, 0.5, DRAIN, model);
            soon().until(() -> model.started.get() == 2);
            // Claimed they are: they wait on this very worker.
            soon().until(() -> room.meters.get("sluice.worker.runs.queued").gauge().value() > 0);

            long began = System.nanoTime();
            RunId run = room.offer();
            soon().until(() -> model.executing(run));

            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isLessThan(Duration.ofSeconds(2));
            assertThat(model.started).hasValue(3);
            model.gate.countDown();
            soon().until(() -> room.ended() == 41);
        }
    }

    @Test
    void batchRunsTakeNoMoreThanTheirShareAndAreAllExecuted() throws Exception {
        try (Fleet.Room room = fleet.room("share")) {
            AtomicInteger executing = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            Model counting =
                    (prompt, deltas) -> {
                        most.accumulateAndGet(executing.incrementAndGet(), Math::max);
                        try {
                            TimeUnit.MILLISECONDS.sleep(20);
                            return ScriptedTurns.says("hi").take(prompt, deltas);
                        } finally {
                            executing.decrementAndGet();
                        }
                    };
            room.worker(8, 0.25, DRAIN, counting);
            List<RunId> runs = offerBatch(room, 30);

            soon().until(() -> room.ended() == runs.size());

            assertThat(most).hasValue(2);
            assertThat(room.replies())
                    .filteredOn(reply -> reply.event().terminal())
                    .extracting(Reply::run)
                    .containsExactlyInAnyOrderElementsOf(runs);
            assertThat(room.meters.get("sluice.worker.wait").tag("lane", "batch").timer().count())
                    .isEqualTo(runs.size());
        }
    }

    @Test
    void aWorkerFullOfInteractiveRunsTakesNoBatchRun() throws Exception {
        try (Fleet.Room room = fleet.room("no-spare")) {
            Gated busy = Gated.closed();
            room.worker(2, 1, DRAIN, busy);
            room.offer();
            room.offer();
            soon().until(() -> busy.started.get() == 2);

            RunId run = room.offer(Lane.BATCH);
            Gated idle = Gated.open();
            room.worker(2, 1, DRAIN, idle);

            soon().until(() -> room.ended() == 1);
            assertThat(end(room.replies(run))).isInstanceOf(RunEvent.RunCompleted.class);
            assertThat(busy.executing(run)).isFalse();
            busy.gate.countDown();
        }
    }

    @Test
    void aWorkerWithoutAShareForThemLeavesBatchRunsToOthers() throws Exception {
        try (Fleet.Room room = fleet.room("no-share")) {
            Gated without = Gated.open();
            WorkerVerticle worker = room.worker(4, 0, DRAIN, without);
            RunId batch = room.offer(Lane.BATCH);
            RunId interactive = room.offer();
            soon().until(() -> room.ended() == 1);
            assertThat(room.replies(interactive)).isNotEmpty();
            assertThat(worker.working()).isTrue();

            room.worker(1, 0.25, DRAIN, Gated.open());

            soon().until(() -> room.ended() == 2);
            assertThat(end(room.replies(batch))).isInstanceOf(RunEvent.RunCompleted.class);
            assertThat(without.executing(batch)).isFalse();
        }
    }

    @Test
    void anExpiredBatchOfferIsNeverExecuted() throws Exception {
        try (Fleet.Room room = fleet.room("batch-expired")) {
            RunRequest late = room.request(Lane.BATCH, Duration.ofSeconds(-1));
            room.offer(late);
            Gated model = Gated.open();
            room.worker(1, DRAIN, model);

            soon().until(() -> room.ended() == 1);

            assertThat(end(room.replies(late.run())))
                    .isEqualTo(new RunEvent.RunFailed(new Failure.DeadlineExceeded(), Usage.NONE));
            assertThat(model.started).hasValue(0);
        }
    }

    @ParameterizedTest
    @EnumSource(Lane.class)
    void aRunWhoseDeadlinePassesWhileItWaitsForASlotIsNeverExecuted(Lane lane) throws Exception {
        try (Fleet.Room room = fleet.greedyRoom("overdue-" + lane.wireName(), 16)) {
            Gated holding = Gated.closed();
            Queue<Instant> starts = new ConcurrentLinkedQueue<>();
            Model model =
                    (prompt, deltas) -> {
                        if (holding.started.get() == 0) {
                            return holding.generate(prompt, deltas);
                        }
                        starts.add(room.redis.now());
                        new CountDownLatch(1).await();
                        throw new AssertionError("interrupted");
                    };
            room.worker(1, 1, DRAIN, model);
            room.offer();
            soon().until(() -> holding.started.get() == 1);
            // Longer than the lock of what a fetch that is under way takes.
            Instant deadline = room.redis.now().plusSeconds(7);
            RunRequest[] requests = new RunRequest[8];
            Arrays.setAll(requests, _ -> room.request(lane, deadline));
            room.offerSideBySide(requests);

            // From here on one poll brings them all, and the worker claims them for its one slot.
            holding.gate.countDown();
            soon().until(() -> room.ended() == 1 + requests.length);

            for (RunRequest request : requests) {
                assertThat(end(room.replies(request.run())))
                        .isInstanceOfSatisfying(
                                RunEvent.RunFailed.class,
                                failed ->
                                        assertThat(failed.failure())
                                                .isEqualTo(new Failure.DeadlineExceeded()));
            }
            // Each slot that falls free at the deadline is one that another could have taken.
            assertThat(starts)
                    .isNotEmpty()
                    .allSatisfy(start -> assertThat(start).isBefore(deadline.plusMillis(50)));
        }
    }

    @Test
    void theBatchRunsOfAWorkerThatIsGoneAreOfferedAgainInTheirLane() throws Exception {
        try (Fleet.Room room = fleet.room("batch-gone")) {
            RunRequest request = room.request(Lane.BATCH, MINUTE);
            room.claimedByTheDead(request);
            room.worker(1, DRAIN, Gated.open());

            soon().until(() -> room.ended() == 1);

            List<Reply> replies = room.replies(request.run());
            assertThat(end(replies)).isInstanceOf(RunEvent.RunCompleted.class);
            assertThat(replies.getLast().attempt()).isEqualTo(2);
            assertThat(room.offers(Lane.BATCH)).containsOnly(request.run().value()).hasSize(2);
            assertThat(room.offers(Lane.INTERACTIVE)).isEmpty();
        }
    }

    @Test
    void aBatchRunThatEveryWorkerDiesOfIsPutAside() throws Exception {
        try (Fleet.Room room = fleet.room("batch-poison")) {
            RunRequest request = room.request(Lane.BATCH, MINUTE);
            room.claimedByTheDead(request);
            room.redis
                    .commands()
                    .hset(room.states.key(request.run()), "crashes", "2")
                    .get(5, TimeUnit.SECONDS);
            room.worker(1, DRAIN, Gated.open());

            soon().until(() -> room.ended() == 1);

            assertThat(end(room.replies(request.run())))
                    .isEqualTo(new RunEvent.RunFailed(new Failure.WorkerLost(), Usage.NONE));
            assertThat(room.deadLetters()).containsExactly(request.run().value());
        }
    }

    @Test
    void aDrainedWorkerHandsABatchRunOverInItsLane() throws Exception {
        try (Fleet.Room room = fleet.room("batch-drained")) {
            Gated model = Gated.closed();
            WorkerVerticle worker = room.worker(4, Duration.ofMillis(200), model);
            RunId executing = room.offer(Lane.BATCH);
            soon().until(() -> model.started.get() == 1);

            worker.stop();

            assertThat(room.ended()).isZero();
            assertThat(room.offers(Lane.BATCH))
                    .containsExactly(executing.value(), executing.value());
            assertThat(room.offers(Lane.INTERACTIVE)).isEmpty();
            room.worker(4, DRAIN, Gated.open());
            soon().until(() -> room.ended() == 1);
            assertThat(room.replies(executing).getLast().attempt()).isEqualTo(2);
        }
    }

    @Test
    void batchRunsAreOfferedAgainInTheirLaneWhenRedisLosesItsData() throws Exception {
        try (Fleet.Room room = fleet.room("batch-emptied")) {
            RunRequest lost = room.request(Lane.BATCH, MINUTE);
            room.claimedByTheDead(lost);
            Gated model = Gated.closed();
            room.worker(4, 0.25, DRAIN, model);
            RunId executing = room.offer(Lane.BATCH);
            // The offer before it was refused by now: only the log still knows of that run.
            soon().until(() -> model.started.get() == 1);

            room.redis.commands().flushall().get(5, TimeUnit.SECONDS);
            soon().until(() -> room.states.find(executing).toCompletableFuture().get().isPresent());
            assertThat(room.states.find(executing).toCompletableFuture().get().orElseThrow().lane())
                    .isEqualTo(Lane.BATCH);
            model.gate.countDown();

            soon().until(() -> room.ended() == 2);
            assertThat(room.replies(executing)).extracting(Reply::attempt).containsOnly(1);
            assertThat(end(room.replies(lost.run()))).isInstanceOf(RunEvent.RunCompleted.class);
            assertThat(room.offers(Lane.BATCH))
                    .filteredOn(lost.run().value()::equals)
                    .hasSizeGreaterThan(1);
            assertThat(room.offers(Lane.INTERACTIVE)).isEmpty();
        }
    }

    @Test
    void anOfferOfAnOlderWorkerIsAnInteractiveOne() throws Exception {
        try (Fleet.Room room = fleet.room("older")) {
            RunRequest request = room.request(MINUTE);
            room.claimedByTheDead(request);
            room.redis
                    .commands()
                    .hdel(room.states.key(request.run()), "lane")
                    .get(5, TimeUnit.SECONDS);
            assertThat(
                            room.redis
                                    .commands()
                                    .hget(room.states.key(request.run()), "offer")
                                    .get(5, TimeUnit.SECONDS))
                    .isEqualTo("0:0");
            room.worker(1, DRAIN, Gated.open());

            soon().until(() -> room.ended() == 1);

            assertThat(room.offers(Lane.INTERACTIVE)).hasSize(2);
        }
    }
}
