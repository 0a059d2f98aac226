package dev.sluice.worker.intake;

import static dev.sluice.worker.intake.Fleet.end;
import static dev.sluice.worker.intake.Fleet.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Runs whose worker, or whose entry in Redis, is gone.
@NullUnmarked
@Timeout(60)
class TakenUpIT {
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

    @Test
    void theRunsOfAWorkerThatIsGoneAreTakenUp() throws Exception {
        try (Fleet.Room room = fleet.room("gone")) {
            RunRequest request = room.request(Duration.ofMinutes(1));
            room.claimedByTheDead(request);
            room.worker(1, DRAIN, Gated.open());

            soon().until(() -> room.ended() == 1);

            List<Reply> replies = room.replies(request.run());
            assertThat(end(replies)).isInstanceOf(RunEvent.RunCompleted.class);
            assertThat(replies).extracting(Reply::attempt).containsOnly(2);
            assertThat(replies).extracting(Reply::seq).containsExactly(0L, 1L, 2L, 3L);
        }
    }

    @Test
    void aRunThatEveryWorkerDiesOfFailsAndIsPutAside() throws Exception {
        try (Fleet.Room room = fleet.room("poison")) {
            RunRequest request = room.request(Duration.ofMinutes(1));
            room.claimedByTheDead(request);
            room.redis
                    .commands()
                    .hset(room.states.key(request.run()), "crashes", "2")
                    .get(5, TimeUnit.SECONDS);
            Gated model = Gated.open();
            room.worker(1, DRAIN, model);

            soon().until(() -> room.ended() == 1);

            assertThat(end(room.replies(request.run())))
                    .isEqualTo(new RunEvent.RunFailed(new Failure.WorkerLost(), Usage.NONE));
            assertThat(model.started).hasValue(0);
            assertThat(room.deadLetters()).containsExactly(request.run().value());
        }
    }

    @Test
    void aWorkerWhoseLeaseWasTakenLeavesItsRunsAndGoesOnUnderAnother() throws Exception {
        try (Fleet.Room room = fleet.room("taken")) {
            Gated model = Gated.closed();
            room.worker(2, DRAIN, model);
            RunId run = room.offer();
            soon().until(() -> model.started.get() == 1);

            room.takeLeaseOf("worker-0");

            // The attempt of the lost lease stays silent; its own reaper gives it the run again.
            soon().until(() -> model.started.get() == 2);
            model.gate.countDown();
            soon().until(() -> room.ended() == 1);
            List<Reply> replies = room.replies(run);
            assertThat(replies).filteredOn(reply -> reply.attempt() == 1).hasSize(1);
            assertThat(replies.getLast().attempt()).isEqualTo(2);
            assertThat(end(replies)).isInstanceOf(RunEvent.RunCompleted.class);
        }
    }

    @Test
    void runsGoOnAndAreFoundAgainWhenRedisLosesItsData() throws Exception {
        try (Fleet.Room room = fleet.room("emptied")) {
            RunRequest lost = room.request(Duration.ofMinutes(1));
            room.claimedByTheDead(lost);
            Gated model = Gated.closed();
            room.worker(2, DRAIN, model);
            RunId executing = room.offer();
            // The offer before it was refused by now: only the log still knows of that run.
            soon().until(() -> model.started.get() == 1);

            room.redis.commands().flushall().get(5, TimeUnit.SECONDS);
            soon().until(() -> room.states.find(executing).toCompletableFuture().get().isPresent());
            model.gate.countDown();

            soon().until(() -> room.ended() == 2);
            assertThat(room.replies(executing)).extracting(Reply::attempt).containsOnly(1);
            assertThat(end(room.replies(executing))).isInstanceOf(RunEvent.RunCompleted.class);
            assertThat(end(room.replies(lost.run()))).isInstanceOf(RunEvent.RunCompleted.class);
        }
    }

    @Test
    void aRunThatIsCancelledWhileNobodyHasItEndsOnceAndIsNotExecuted() throws Exception {
        try (Fleet.Room room = fleet.room("cancelled-between")) {
            RunRequest request = room.request(Duration.ofMinutes(1));
            room.claimedByTheDead(request);
            room.cancel(request.run());
            Gated model = Gated.open();
            room.worker(1, DRAIN, model);

            soon().until(() -> room.ended() == 1);

            List<Reply> replies = room.replies(request.run());
            assertThat(end(replies)).isInstanceOf(RunEvent.RunCancelled.class);
            assertThat(replies.getLast().attempt()).isEqualTo(2);
            assertThat(model.started).hasValue(0);
        }
    }

    @Test
    void aRunThatIsCancelledWhileItIsTakenUpEndsOnce() throws Exception {
        try (Fleet.Room room = fleet.room("cancelled-taken-up")) {
            Gated model = Gated.closed();
            room.worker(2, DRAIN, model);
            RunId run = room.offer();
            soon().until(() -> model.started.get() == 1);

            room.takeLeaseOf("worker-0");
            room.cancel(run);

            soon().until(() -> room.ended() == 1);
            // Whoever was first, the other adds nothing.
            soon().until(() ->
                    room.states.find(run).toCompletableFuture().get().orElseThrow().state()
                            instanceof State.Ended);
            room.offer();
            soon().until(() -> model.started.get() > 1);
            assertThat(end(room.replies(run))).isInstanceOf(RunEvent.RunCancelled.class);
            model.gate.countDown();
        }
    }
}
