package dev.sluice.worker.intake;

import dev.sluice.common.audit.AuditLog;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.journal.JournalReader;
import dev.sluice.common.journal.LogReader;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.run.Lane;
import dev.sluice.worker.audit.Teller;
import dev.sluice.worker.lease.Heart;
import dev.sluice.worker.lease.Leases;
import dev.sluice.worker.lease.Offers;
import dev.sluice.worker.lease.Reaper;
import dev.sluice.worker.lease.Rebuild;
import dev.sluice.worker.run.RunEngine;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A worker's intake and its life: takes runs in while deployed, keeps its lease, and gives the
/// runs of workers that are gone to others. On undeployment it lets those that execute come to
/// their end within the drain timeout and hands the rest over. Deploy it with the virtual-thread
/// model, since it blocks.
public final class WorkerVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerVerticle.class);
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    private final Duration drainTimeout;
    private final ActiveRuns active = new ActiveRuns();
    private final ScheduledThreadPoolExecutor alarms =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("sluice-alarms").factory());

    private final Teller teller = new Teller();
    private final LogReader replies;
    private final Map<Lane, LogReader> runs = new EnumMap<>(Lane.class);
    private final Leases leases;
    private final Heart heart;
    private final Reaper reaper;
    private final List<Intake> intakes = new ArrayList<>();
    private final ControlListener control;
    private final Thread heartThread;
    private final Thread reaperThread;
    private final List<Thread> intakeThreads = new ArrayList<>();
    private final Thread controlThread;

    /// A worker that has not started.
    ///
    /// @param id names it in journals and logs, and its lease
    public WorkerVerticle(
            String id,
            SluiceConfig config,
            KafkaSettings settings,
            Topics topics,
            Producer<String, byte[]> producer,
            AuditLog audit,
            Redis redis,
            RunEngine engine,
            MeterRegistry registry,
            Clock clock) {
        var worker = config.worker();
        Duration longest = config.gateway().runTimeout();
        drainTimeout = worker.drainTimeout();
        // Else the alarm of a run that has long ended would keep it until its deadline.
        alarms.setRemoveOnCancelPolicy(true);
        Slots slots = new Slots(worker.concurrency(), worker.batchSlots());
        IntakeMeters meters = new IntakeMeters(registry, slots, active);
        RunStates states = new RunStates(redis, longest, config.run().retention());
        replies = new LogReader(new KafkaConsumer<>(settings.rereader()), topics.replies());
        for (Lane lane : Lane.values()) {
            runs.put(
                    lane,
                    new LogReader(new KafkaConsumer<>(settings.rereader()), topics.runs(lane)));
        }
        Offers offers = new Offers(producer, topics, runs);
        leases = new Leases(redis, states, worker.lease().ttl());
        heart =
                new Heart(
                        id,
                        leases,
                        worker.lease(),
                        new SelfReport(slots, active, meters, this::takesNoMore),
                        new ToRuns(meters));
        reaper =
                new Reaper(
                        leases,
                        states,
                        offers,
                        heart,
                        new Rebuild(
                                redis,
                                states,
                                topics,
                                () -> new KafkaConsumer<>(settings.rereader()),
                                longest,
                                clock),
                        audit,
                        clock,
                        meters::offeredAgain,
                        worker.lease());
        WorkerContext context =
                new WorkerContext(
                        id,
                        topics,
                        producer,
                        settings.largestValue(),
                        states,
                        leases,
                        heart,
                        offers,
                        new JournalReader(replies),
                        audit,
                        teller,
                        engine,
                        slots,
                        meters,
                        alarms,
                        config.run().maxCrashes(),
                        clock);
        for (Lane lane : Lane.values()) {
            if (slots.of(lane) > 0) {
                Intake intake =
                        new Intake(
                                lane,
                                new KafkaShareConsumer<>(
                                        settings.sharer(topics, lane, slots.of(lane))),
                                context,
                                active);
                intakes.add(intake);
                intakeThreads.add(
                        Thread.ofPlatform()
                                .name("sluice-intake-" + lane.wireName())
                                .unstarted(intake));
            }
        }
        control =
                new ControlListener(
                        new KafkaConsumer<>(settings.follower()), topics.control(), active);
        heartThread = Thread.ofPlatform().name("sluice-heart").unstarted(heart);
        reaperThread = Thread.ofPlatform().name("sluice-reaper").unstarted(reaper);
        controlThread = Thread.ofPlatform().name("sluice-control").unstarted(control);
    }

    /// Tells the worker's runs what concerns them all.
    private final class ToRuns implements Heart.Listener {
        private final IntakeMeters meters;

        ToRuns(IntakeMeters meters) {
            this.meters = meters;
        }

        @Override
        public void leaseLost(String lease) {
            meters.leaseLost();
            active.stopAll(
                    task -> task.attempt() > 0 && task.lease().equals(lease),
                    Interruption.Reason.SUPERSEDED);
        }

        @Override
        public void dataLost() {
            active.all().forEach(RunTask::restore);
        }
    }

    /// Whether it takes runs in and hears of cancellations.
    public boolean working() {
        return intakeThreads.stream().allMatch(Thread::isAlive)
                && controlThread.isAlive()
                && heartThread.isAlive()
                && reaperThread.isAlive();
    }

    private boolean takesNoMore() {
        return intakeThreads.stream()
                .anyMatch(thread -> thread.getState() == Thread.State.TERMINATED);
    }

    /// Whether it has its lease, without which it begins nothing.
    public boolean leased() {
        return heart.fresh();
    }

    @Override
    public Future<?> start() throws Exception {
        controlThread.start();
        control.awaitFollowing();
        heartThread.start();
        heart.await();
        reaperThread.start();
        intakeThreads.forEach(Thread::start);
        return Future.succeededFuture();
    }

    private void endLease() throws InterruptedException {
        try {
            leases.end(heart.lease()).toCompletableFuture().get(1, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.atWarn().setCause(e).log("the lease is left to run out");
        }
    }

    @Override
    public Future<?> stop() throws Exception {
        intakes.forEach(Intake::close);
        for (Thread intake : intakeThreads) {
            intake.join();
        }
        LOG.atInfo().addKeyValue("runs", active.count()).log("draining");
        // They would only be begun to be cut off.
        active.stopAll(
                task -> task.phase() != RunTask.Phase.EXECUTING, Interruption.Reason.DRAINED);
        if (!active.awaitNone(drainTimeout)) {
            LOG.atWarn()
                    .addKeyValue("runs", active.count())
                    .log("drain timeout: handing runs over");
            active.stopAll(_ -> true, Interruption.Reason.DRAINED);
            active.awaitNone(LAST_WORDS);
        }
        reaper.close();
        reaperThread.join();
        reaper.handOver(LAST_WORDS);
        active.all().forEach(RunTask::leaveUntold);
        heart.close();
        heartThread.join();
        endLease();
        control.close();
        controlThread.join();
        replies.close();
        runs.values().forEach(LogReader::close);
        alarms.shutdownNow();
        teller.close();
        return Future.succeededFuture();
    }
}
