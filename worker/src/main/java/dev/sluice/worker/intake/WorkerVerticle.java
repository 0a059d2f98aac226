package dev.sluice.worker.intake;

import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.RunStates;
import dev.sluice.worker.run.RunEngine;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A worker's intake and its life: takes runs in while deployed, and on undeployment lets those
/// that execute come to their end within the drain timeout. Deploy it with the virtual-thread
/// model, since it blocks.
public final class WorkerVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerVerticle.class);
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    private final Duration drainTimeout;
    private final ActiveRuns active = new ActiveRuns();
    private final ScheduledExecutorService alarms =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("sluice-alarms").factory());
    private final Intake intake;
    private final ControlListener control;
    private final Thread intakeThread;
    private final Thread controlThread;

    /// A worker that has not started.
    ///
    /// @param id names it in journals and logs
    public WorkerVerticle(
            String id,
            int concurrency,
            Duration drainTimeout,
            KafkaSettings settings,
            Topics topics,
            Producer<String, byte[]> producer,
            RunStates states,
            RunEngine engine,
            MeterRegistry registry,
            Clock clock) {
        this.drainTimeout = drainTimeout;
        Slots slots = new Slots(concurrency);
        WorkerContext worker =
                new WorkerContext(
                        id,
                        topics,
                        producer,
                        states,
                        engine,
                        slots,
                        new IntakeMeters(registry, slots),
                        alarms,
                        clock);
        intake =
                new Intake(
                        new KafkaShareConsumer<>(settings.sharer(topics, concurrency)),
                        worker,
                        active);
        control =
                new ControlListener(
                        new KafkaConsumer<>(settings.follower()), topics.control(), active);
        intakeThread = Thread.ofPlatform().name("sluice-intake").unstarted(intake);
        controlThread = Thread.ofPlatform().name("sluice-control").unstarted(control);
    }

    /// Whether it takes runs in and hears of cancellations.
    public boolean working() {
        return intakeThread.isAlive() && controlThread.isAlive();
    }

    @Override
    public Future<?> start() throws Exception {
        controlThread.start();
        control.awaitFollowing();
        intakeThread.start();
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() throws Exception {
        intake.close();
        intakeThread.join();
        LOG.atInfo().addKeyValue("runs", active.count()).log("draining");
        if (!active.awaitNone(drainTimeout)) {
            LOG.atWarn().addKeyValue("runs", active.count()).log("drain timeout: stopping runs");
            active.stopAll(RunTask.Stop.DRAINED);
            active.awaitNone(LAST_WORDS);
        }
        control.close();
        controlThread.join();
        alarms.shutdownNow();
        return Future.succeededFuture();
    }
}
