package dev.sluice.worker.intake;

import static dev.sluice.worker.intake.Fleet.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.Version;
import dev.sluice.common.config.WorkerConfig;
import dev.sluice.common.redis.FleetStates;
import dev.sluice.common.redis.FleetStates.Seen;
import dev.sluice.common.redis.FleetStates.Worker;
import dev.sluice.common.redis.WorkerReport;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunRequest;
import dev.sluice.worker.lease.Heart;
import dev.sluice.worker.lease.Leases;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What can be seen of a fleet from outside.
@NullUnmarked
@Timeout(60)
class FleetReportIT {
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

    private static Seen look(Fleet.Room room) throws Exception {
        return new FleetStates(room.redis, room.states, Duration.ofMinutes(10))
                .look()
                .toCompletableFuture()
                .get(5, TimeUnit.SECONDS);
    }

    private static WorkerReport report(Fleet.Room room) throws Exception {
        List<Worker> workers = look(room).workers();
        assertThat(workers).hasSize(1);
        return workers.getFirst().report();
    }

    /// Makes runs known and offers them.
    private static void accept(Fleet.Room room, Lane lane, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            RunRequest request = room.request(lane, MINUTE);
            room.states.register(request, "", 0).toCompletableFuture().get(5, TimeUnit.SECONDS);
            room.offer(request);
        }
    }

    @Test
    void aWorkerSaysHowManySlotsItHasAndUsesUntilItIsGone() throws Exception {
        try (Fleet.Room room = fleet.room("report")) {
            Gated model = Gated.closed();
            WorkerVerticle worker = room.worker(4, 0.5, DRAIN, model);
            accept(room, Lane.INTERACTIVE, 1);
            accept(room, Lane.BATCH, 2);
            soon().until(() -> report(room).used() == 3);

            WorkerReport busy = report(room);
            assertThat(busy.slots()).isEqualTo(4);
            assertThat(busy.batchSlots()).isEqualTo(2);
            assertThat(busy.interactive().executing()).isEqualTo(1);
            assertThat(busy.batch().executing()).isEqualTo(2);
            assertThat(busy.version()).isEqualTo(Version.current());
            assertThat(busy.draining()).isFalse();
            assertThat(busy.longest())
                    .extracting(WorkerReport.Executing::lane)
                    .containsExactlyInAnyOrder(Lane.INTERACTIVE, Lane.BATCH, Lane.BATCH);
            assertThat(look(room).workers().getFirst().heard())
                    .isBetween(Duration.ZERO, Duration.ofSeconds(2));

            CompletableFuture<Void> stopping =
                    CompletableFuture.runAsync(() -> {
                        try {
                            worker.stop();
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    });
            soon().until(() -> report(room).draining());
            model.gate.countDown();
            stopping.get(20, TimeUnit.SECONDS);

            assertThat(look(room).workers()).isEmpty();
            assertThat(room.redis.commands().exists(FleetStates.reports(room.redis)).get())
                    .isZero();
        }
    }

    @Test
    void aWorkerSaysHowFastRunsEnd() throws Exception {
        try (Fleet.Room room = fleet.room("pace")) {
            room.worker(4, DRAIN, Gated.open());
            soon().until(() -> look(room).reports().count() == 1);
            accept(room, Lane.INTERACTIVE, 10);

            soon().until(() -> report(room).interactive().ended() > 0);

            assertThat(report(room).interactive().failed()).isZero();
            assertThat(report(room).batch().ended()).isZero();
            assertThat(report(room).longest()).isEmpty();
        }
    }

    @Test
    void aWorkerWhoseIntakeHasFailedOffersNoSlotsAndIsNotReady() throws Exception {
        try (Fleet.Room room = fleet.room("intake-failed")) {
            WorkerVerticle worker = room.worker(4, DRAIN, Gated.open());
            soon().until(() -> look(room).slots(Lane.INTERACTIVE) == 4);

            Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("sluice-intake-interactive"))
                    .forEach(Thread::interrupt);

            soon().until(() -> look(room).slots(Lane.INTERACTIVE) == 0);
            assertThat(worker.working()).isFalse();
            assertThat(worker.leased()).isTrue();
        }
    }

    @Test
    void aWorkerThatCannotSayHowItDoesKeepsItsLease() throws Exception {
        try (Fleet.Room room = fleet.room("mute")) {
            WorkerConfig.Lease config = room.config().worker().lease();
            Heart heart =
                    new Heart(
                            "mute",
                            new Leases(room.redis, room.states, config.ttl()),
                            config,
                            () -> {
                                throw new IllegalStateException("no report");
                            },
                            new Heart.Listener() {
                                @Override
                                public void leaseLost(String lease) {}

                                @Override
                                public void dataLost() {}
                            });
            Thread thread = Thread.ofPlatform().start(heart);
            assertThat(heart.await(Duration.ofSeconds(5))).isTrue();
            Worker mute = look(room).workers().getFirst();

            assertThat(mute.live()).isTrue();
            assertThat(mute.report()).isNull();
            heart.close();
            thread.join();
        }
    }

    @Test
    void aLeaseThatWasTakenIsSeenNoMore() throws Exception {
        try (Fleet.Room room = fleet.room("taken-report")) {
            room.worker(4, DRAIN, Gated.open());
            soon().until(() -> look(room).reports().count() == 1);

            room.takeLeaseOf("worker-0");

            soon().until(() ->
                    look(room).workers().stream()
                            .map(Worker::lease)
                            .toList()
                            .equals(List.of("worker-0.2")));
        }
    }

    @Test
    void ourOwnCountIsThatOfTheBrokerWithinASecond() throws Exception {
        try (Fleet.Room room = fleet.room("lag");
                Admin admin = Admin.create(room.admin())) {
            Gated model = Gated.closed();
            room.worker(4, 0.5, DRAIN, model);
            accept(room, Lane.INTERACTIVE, 30);
            accept(room, Lane.BATCH, 20);
            soon().until(() -> report(room).used() == 4);
            List<Long> waiting = new ArrayList<>();
            // The broker knows a group's lag once it was fetched for.
            for (Lane lane : Lane.values()) {
                soon().until(() -> lag(admin, room, lane) > 0);
            }

            assertAgreed(room, admin);
            waiting.add(look(room).queue(Lane.INTERACTIVE).waiting());
            accept(room, Lane.INTERACTIVE, 10);
            assertAgreed(room, admin);
            waiting.add(look(room).queue(Lane.INTERACTIVE).waiting());
            model.gate.countDown();
            soon().until(() -> room.ended() == 60);
            assertAgreed(room, admin);

            assertThat(waiting).allSatisfy(count -> assertThat(count).isPositive());
            assertThat(look(room).queue(Lane.INTERACTIVE).waiting()).isZero();
        }
    }

    private static void assertAgreed(Fleet.Room room, Admin admin) {
        Awaitility.await("our count and the broker's")
                .atMost(Duration.ofSeconds(1))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> {
                    for (Lane lane : Lane.values()) {
                        assertThat(look(room).queue(lane).waiting())
                                .as(lane.wireName())
                                .isEqualTo(lag(admin, room, lane));
                    }
                });
    }

    /// How many records of a lane the broker knows not to be done with.
    private static long lag(Admin admin, Fleet.Room room, Lane lane) throws Exception {
        String group = room.topics.workers(lane);
        return admin
                .listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                .partitionsToOffsetInfo(group)
                .get(5, TimeUnit.SECONDS)
                .values()
                .stream()
                .mapToLong(info -> info == null ? -1 : info.lag().orElse(-1L))
                .sum();
    }
}
