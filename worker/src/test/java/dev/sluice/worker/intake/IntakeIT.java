package dev.sluice.worker.intake;

import static dev.sluice.worker.intake.Fleet.end;
import static dev.sluice.worker.intake.Fleet.soon;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
@Timeout(60)
class IntakeIT {
    private static final Duration DRAIN = Duration.ofSeconds(10);

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

    private static FutureTask<Void> stopping(WorkerVerticle worker) {
        FutureTask<Void> task =
                new FutureTask<>(() -> {
                    worker.stop();
                    return null;
                });
        Thread.ofPlatform().start(task);
        return task;
    }

    @Test
    void twoWorkersShareRunsAndEachIsExecutedOnce() throws Exception {
        try (Fleet.Room room = fleet.room("shared")) {
            Gated model = Gated.open();
            room.worker(4, DRAIN, model);
            room.worker(4, DRAIN, model);
            List<RunId> runs = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                runs.add(room.offer());
            }

            soon().until(() -> room.ended() >= runs.size());

            assertThat(model.started).hasValue(runs.size());
            List<Reply> replies = room.replies();
            assertThat(replies)
                    .filteredOn(reply -> reply.event().terminal())
                    .extracting(Reply::run)
                    .containsExactlyInAnyOrderElementsOf(runs);
            assertThat(replies).extracting(Reply::attempt).containsOnly(1);
            assertThat(room.replies(runs.getFirst()))
                    .extracting(Reply::seq)
                    .containsExactly(0L, 1L, 2L, 3L);
        }
    }

    @Test
    void runsThatWereOfferedBeforeTheFirstWorkerAreExecuted() throws Exception {
        try (Fleet.Room room = fleet.room("early")) {
            RunId run = room.offer();
            room.worker(1, DRAIN, Gated.open());

            soon().until(() -> room.ended() == 1);

            assertThat(end(room.replies(run))).isInstanceOf(RunEvent.RunCompleted.class);
        }
    }

    @Test
    void aSaturatedWorkerBesideAnIdleOneDelaysNoRun() throws Exception {
        try (Fleet.Room room = fleet.room("saturated")) {
            Gated hanging = Gated.closed();
            room.worker(1, DRAIN, hanging);
            room.offer();
            soon().until(() -> hanging.started.get() == 1);
            Gated idle = Gated.open();
            room.worker(4, DRAIN, idle);
            List<Long> millis = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                long began = System.nanoTime();
                int before = idle.started.get();
                room.offer();
                soon().until(() -> idle.started.get() > before);
                millis.add((System.nanoTime() - began) / 1_000_000);
            }
            hanging.gate.countDown();

            assertThat(millis).allSatisfy(took -> assertThat(took).isLessThan(1_500L));
            assertThat(hanging.started).hasValue(1);
        }
    }

    @Test
    void aWorkerClaimsNoMoreThanItHasSlotsForAndLeavesTheRestToOthers() throws Exception {
        try (Fleet.Room room = fleet.room("fair")) {
            Gated first = Gated.closed();
            room.worker(4, DRAIN, first);
            RunRequest[] requests = new RunRequest[12];
            Arrays.setAll(requests, _ -> room.request(Duration.ofMinutes(1)));
            room.offerSideBySide(requests);
            soon().until(() -> first.started.get() == 4);

            Gated second = Gated.closed();
            room.worker(4, DRAIN, second);

            Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> second.started.get() == 4);
            assertThat(first.started).hasValue(4);
            first.gate.countDown();
            second.gate.countDown();
            soon().until(() -> room.ended() == requests.length);
        }
    }

    @Test
    void aRunThatIsCancelledBeforeItsClaimEndsOnceAndIsNotExecuted() throws Exception {
        try (Fleet.Room room = fleet.room("before-claim")) {
            RunId run = room.offer();
            room.cancel(run);
            Gated model = Gated.open();
            room.worker(1, DRAIN, model);

            soon().until(() -> room.ended() == 1);

            assertThat(end(room.replies(run))).isEqualTo(new RunEvent.RunCancelled(Usage.NONE));
            assertThat(model.started).hasValue(0);
        }
    }

    @Test
    void aRunThatIsCancelledWhileItWaitsForASlotEndsOnceAndIsNotExecuted() throws Exception {
        try (Fleet.Room room = fleet.greedyRoom("before-slot", 16)) {
            RunRequest first = room.request(Duration.ofMinutes(1));
            RunRequest second = room.request(Duration.ofMinutes(1));
            // Both in one poll, so that the worker claims both for its one slot.
            room.offerSideBySide(first, second);
            Gated model = Gated.closed();
            room.worker(1, DRAIN, model);
            soon().until(() ->
                    claimed(room, first) && claimed(room, second) && model.started.get() == 1);

            boolean firstExecutes = model.executing(first.run());
            room.cancel(firstExecutes ? second.run() : first.run());
            soon().until(() -> room.ended() == 1);
            room.cancel(firstExecutes ? first.run() : second.run());

            soon().until(() -> room.ended() == 2);
            assertThat(end(room.replies(first.run()))).isInstanceOf(RunEvent.RunCancelled.class);
            assertThat(end(room.replies(second.run()))).isInstanceOf(RunEvent.RunCancelled.class);
            assertThat(model.started).hasValue(1);
        }
    }

    private static boolean claimed(Fleet.Room room, RunRequest request) throws Exception {
        return "claimed"
                .equals(
                        room.redis
                                .commands()
                                .hget(room.states.key(request.run()), "state")
                                .get(5, TimeUnit.SECONDS));
    }

    @Test
    void aRunThatIsCancelledWhileItExecutesEndsOnce() throws Exception {
        try (Fleet.Room room = fleet.room("executing")) {
            Gated model = Gated.closed();
            room.worker(1, DRAIN, model);
            RunId run = room.offer();
            soon().until(() -> model.started.get() == 1);

            long began = System.nanoTime();
            room.cancel(run);
            room.cancel(run);
            soon().until(() -> room.ended() == 1);

            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isLessThan(Duration.ofSeconds(1));
            assertThat(end(room.replies(run))).isInstanceOf(RunEvent.RunCancelled.class);
        }
    }

    @Test
    void anExpiredOfferIsNeverExecuted() throws Exception {
        try (Fleet.Room room = fleet.room("expired")) {
            RunRequest late = room.request(Duration.ofSeconds(-1));
            room.offer(late);
            Gated model = Gated.open();
            room.worker(1, DRAIN, model);

            soon().until(() -> room.ended() == 1);

            assertThat(end(room.replies(late.run())))
                    .isEqualTo(new RunEvent.RunFailed(new Failure.DeadlineExceeded(), Usage.NONE));
            assertThat(model.started).hasValue(0);
        }
    }

    @Test
    void aRunThatOutlivesItsDeadlineIsStopped() throws Exception {
        try (Fleet.Room room = fleet.room("deadline")) {
            room.worker(1, DRAIN, Gated.closed());
            RunRequest request = room.request(Duration.ofMillis(1_500));
            room.offer(request);

            soon().until(() -> room.ended() == 1);

            assertThat(end(room.replies(request.run())))
                    .isEqualTo(new RunEvent.RunFailed(new Failure.DeadlineExceeded(), Usage.NONE));
        }
    }

    @Test
    void aRunThatIsOfferedTwiceIsExecutedOnce() throws Exception {
        try (Fleet.Room room = fleet.room("twice")) {
            RunRequest request = room.request(Duration.ofMinutes(1));
            for (int i = 0; i < 5; i++) {
                room.offer(request);
            }
            Gated model = Gated.open();
            room.worker(4, DRAIN, model);
            room.worker(4, DRAIN, model);
            soon().until(() -> room.ended() == 1);
            room.offer(request);
            room.offer();

            soon().until(() -> room.ended() == 2);

            assertThat(model.started).hasValue(2);
            assertThat(end(room.replies(request.run()))).isInstanceOf(RunEvent.RunCompleted.class);
        }
    }

    @Test
    void whatIsNoOfferIsPutAsideAndHoldsUpNothing() throws Exception {
        try (Fleet.Room room = fleet.room("garbage")) {
            String runs = room.topics.runs(Lane.INTERACTIVE);
            Gated model = Gated.open();
            WorkerVerticle worker = room.worker(1, DRAIN, model);
            room.send(runs, "a", "no json".getBytes(UTF_8));
            room.send(runs, "b", "{\"v\":1}".getBytes(UTF_8));
            room.send(runs, "c", new byte[0]);
            room.send(runs, "d", null);
            room.send(runs, "e", "{\"v\":1,\"run\":\"x\"}".getBytes(UTF_8));
            room.offer();
            room.offer();

            soon().until(() -> room.ended() == 2);

            assertThat(worker.working()).isTrue();
            assertThat(model.started).hasValue(2);
        }
    }

    @Test
    void whatIsNoControlMessageIsPassedOver() throws Exception {
        try (Fleet.Room room = fleet.room("words")) {
            Gated model = Gated.closed();
            WorkerVerticle worker = room.worker(1, DRAIN, model);
            RunId run = room.offer();
            soon().until(() -> model.started.get() == 1);
            room.send(room.topics.control(), "a", null);
            room.send(room.topics.control(), "b", "no json".getBytes(UTF_8));
            room.send(room.topics.control(), "c", "{\"v\":1,\"type\":\"cancel\"}".getBytes(UTF_8));
            room.send(room.topics.control(), "d", "{\"v\":9,\"type\":\"dance\"}".getBytes(UTF_8));

            room.cancel(run);

            soon().until(() -> room.ended() == 1);
            assertThat(worker.working()).isTrue();
        }
    }

    @Test
    void anOfferOfALaterVersionIsLeftToOthers() throws Exception {
        try (Fleet.Room room = fleet.room("later")) {
            Gated model = Gated.open();
            room.worker(1, DRAIN, model);
            RunRequest request = room.request(Duration.ofMinutes(1));
            String later =
                    new String(RunCodec.encode(request), UTF_8).replaceFirst("\"v\":1", "\"v\":99");
            room.send(room.topics.runs(Lane.INTERACTIVE), "later", later.getBytes(UTF_8));
            RunId run = room.offer();

            soon().until(() -> room.ended() == 1);

            assertThat(end(room.replies(run))).isInstanceOf(RunEvent.RunCompleted.class);
            assertThat(room.replies(request.run())).isEmpty();
            assertThat(claimed(room, request)).isFalse();
        }
    }

    @Test
    void drainingLetsWhatRunsComeToItsEndAndTakesNothingNew() throws Exception {
        try (Fleet.Room room = fleet.room("drain")) {
            Gated model = Gated.closed();
            WorkerVerticle worker = room.worker(4, DRAIN, model);
            RunId first = room.offer();
            RunId second = room.offer();
            soon().until(() -> model.started.get() == 2);

            FutureTask<Void> stopping = stopping(worker);
            soon().until(() -> !worker.working());
            RunId afterwards = room.offer();
            assertThat(stopping.isDone()).isFalse();
            model.gate.countDown();
            stopping.get(5, TimeUnit.SECONDS);

            assertThat(end(room.replies(first))).isInstanceOf(RunEvent.RunCompleted.class);
            assertThat(end(room.replies(second))).isInstanceOf(RunEvent.RunCompleted.class);
            assertThat(room.replies(afterwards)).isEmpty();
            Gated other = Gated.open();
            room.worker(1, DRAIN, other);
            soon().until(() -> room.ended() == 3);
            assertThat(end(room.replies(afterwards))).isInstanceOf(RunEvent.RunCompleted.class);
        }
    }

    @Test
    void aDrainingWorkerLeavesAtOnceWhatWaitsForASlot() throws Exception {
        try (Fleet.Room room = fleet.greedyRoom("waits", 16)) {
            RunRequest first = room.request(Duration.ofMinutes(1));
            RunRequest second = room.request(Duration.ofMinutes(1));
            room.offerSideBySide(first, second);
            Gated model = Gated.closed();
            WorkerVerticle worker = room.worker(1, Duration.ofMinutes(1), model);
            soon().until(() ->
                    claimed(room, first) && claimed(room, second) && model.started.get() == 1);
            boolean firstExecutes = model.executing(first.run());
            RunRequest executing = firstExecutes ? first : second;
            RunRequest waiting = firstExecutes ? second : first;
            Gated other = Gated.open();
            room.worker(1, DRAIN, other);

            FutureTask<Void> stopping = stopping(worker);

            soon().until(() -> room.ended() == 1);
            assertThat(stopping.isDone()).isFalse();
            assertThat(end(room.replies(waiting.run()))).isInstanceOf(RunEvent.RunCompleted.class);
            assertThat(other.executing(waiting.run())).isTrue();
            model.gate.countDown();
            stopping.get(10, TimeUnit.SECONDS);
            assertThat(end(room.replies(executing.run())))
                    .isInstanceOf(RunEvent.RunCompleted.class);
            assertThat(room.replies(executing.run())).extracting(Reply::attempt).containsOnly(1);
            assertThat(model.started).hasValue(1);
        }
    }

    @Test
    void whatAFullWorkerDoesNotFinishInTimeIsHandedOver() throws Exception {
        try (Fleet.Room room = fleet.greedyRoom("full", 16)) {
            RunRequest executing = room.request(Duration.ofMinutes(1));
            RunRequest waiting = room.request(Duration.ofMinutes(1));
            room.offerSideBySide(executing, waiting);
            Gated model = Gated.closed();
            WorkerVerticle worker = room.worker(1, Duration.ofMillis(500), model);
            soon().until(() -> claimed(room, executing) && claimed(room, waiting));
            soon().until(() -> model.started.get() == 1);

            stopping(worker).get(10, TimeUnit.SECONDS);

            assertThat(room.ended()).isZero();
            room.worker(2, DRAIN, Gated.open());
            soon().until(() -> room.ended() == 2);
            for (RunRequest request : List.of(executing, waiting)) {
                List<Reply> replies = room.replies(request.run());
                assertThat(end(replies)).isInstanceOf(RunEvent.RunCompleted.class);
                assertThat(replies.getLast().attempt()).isEqualTo(2);
            }
        }
    }
}
