package dev.sluice.worker.intake;

import static dev.sluice.worker.intake.Fleet.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A worker that lost one of its two servers, beside one that has both.
@NullUnmarked
@Timeout(60)
class CutOffIT {
    private static final Duration DRAIN = Duration.ofSeconds(5);

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

    private static void assertTakenUpOnce(List<Reply> replies) {
        assertThat(replies).filteredOn(reply -> reply.event().terminal()).hasSize(1);
        assertThat(replies.getLast().event()).isInstanceOf(RunEvent.RunCompleted.class);
        assertThat(replies.getLast().attempt()).isGreaterThan(1);
    }

    @Test
    void aWorkerThatLostOnlyRedisLeavesItsRunsAndComesBack() throws Exception {
        try (Fleet.Room room = fleet.room("no-redis");
                Cable cable = new Cable(fleet.redisPort())) {
            Gated cutOff = Gated.closed();
            room.worker(
                    4,
                    DRAIN,
                    cutOff,
                    room.redisAt("redis://127.0.0.1:" + cable.port()),
                    room.producer());
            RunId run = room.offer();
            soon().until(() -> cutOff.executing(run));
            Gated other = Gated.open();
            room.worker(4, DRAIN, other);

            cable.cut();

            soon().until(() -> room.ended() == 1);
            assertThat(other.executing(run)).isTrue();
            // It heard of the other attempt and stopped its own, which is still at the gate.
            soon().until(() -> cutOff.interrupted.get() == 1);
            cable.mend();
            cutOff.gate.countDown();
            soon().until(() -> {
                RunId next = room.offer();
                soon().until(() -> cutOff.executing(next) || other.executing(next));
                return cutOff.executing(next);
            });
            assertTakenUpOnce(room.replies(run));
        }
    }

    @Test
    void aWorkerThatLostOnlyKafkaGivesItsRunsUp() throws Exception {
        try (Fleet.Room room = fleet.room("no-kafka")) {
            AtomicBoolean cut = new AtomicBoolean();
            Gated cutOff = Gated.closed();
            WorkerVerticle worker =
                    room.worker(4, DRAIN, cutOff, room.redis, cuttable(room.producer(), cut));
            RunId run = room.offer();
            soon().until(() -> cutOff.executing(run));
            Gated other = Gated.open();
            room.worker(4, DRAIN, other);

            cut.set(true);
            // What its model says now cannot be journaled.
            cutOff.gate.countDown();

            soon().until(() -> room.ended() == 1);
            assertTakenUpOnce(room.replies(run));
            assertThat(worker.working()).isTrue();
        }
    }

    /// A producer whose records no longer arrive once it is cut.
    @SuppressWarnings("unchecked")
    private static Producer<String, byte[]> cuttable(
            Producer<String, byte[]> producer, AtomicBoolean cut) {
        return (Producer<String, byte[]>)
                Proxy.newProxyInstance(
                        CutOffIT.class.getClassLoader(),
                        new Class<?>[] {Producer.class},
                        (_, method, arguments) -> {
                            if (cut.get() && method.getName().equals("send")) {
                                TimeoutException lost = new TimeoutException("cut off");
                                if (arguments.length > 1) {
                                    ((Callback) arguments[1]).onCompletion(null, lost);
                                }
                                return CompletableFuture.failedFuture(lost);
                            }
                            try {
                                return method.invoke(producer, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
