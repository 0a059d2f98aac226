package dev.sluice.worker.lease;

import dev.sluice.common.audit.AuditLog;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.config.WorkerConfig;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives the runs of workers that are gone, and those that were given up, to whoever has room: it
/// publishes each run's offer again, and only then lets go of it. On a thread of its own.
public final class Reaper implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Reaper.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Leases leases;
    private final RunStates states;
    private final Offers offers;
    private final Heart heart;
    private final Rebuild rebuild;
    private final AuditLog audit;
    private final Clock clock;
    private final Runnable onOfferedAgain;
    private final Duration pause;
    private final Duration sitOut;
    private long sittingOutSince;
    private volatile boolean closing;

    /// @param onOfferedAgain called for each run that was offered again
    public Reaper(
            Leases leases,
            RunStates states,
            Offers offers,
            Heart heart,
            Rebuild rebuild,
            AuditLog audit,
            Clock clock,
            Runnable onOfferedAgain,
            WorkerConfig.Lease config) {
        this.leases = leases;
        this.states = states;
        this.offers = offers;
        this.heart = heart;
        this.rebuild = rebuild;
        this.audit = audit;
        this.clock = clock;
        this.onOfferedAgain = onOfferedAgain;
        this.pause = config.reap();
        this.sitOut = config.ttl();
        this.sittingOutSince = System.nanoTime() - sitOut.toNanos();
    }

    /// Looks for what is to be reaped until [#close()].
    @Override
    public void run() {
        try {
            while (!closing) {
                Thread.sleep(pause);
                if (heart.maySee() && System.nanoTime() - sittingOutSince > sitOut.toNanos()) {
                    look();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws InterruptedException {
        try {
            rebuild.unlessDone(heart.epoch());
            while (!closing && heart.maySee() && reapOne(false)) {
                LOG.atDebug().log("reaped a lease");
            }
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            LOG.atWarn().setCause(e).log("reaping failed, and is tried again");
        }
    }

    /// Offers all runs that were given up again, as far as it comes in that time.
    public void handOver(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        try {
            while (System.nanoTime() < end && reapOne(true)) {
                LOG.atDebug().log("handed runs over");
            }
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            LOG.atWarn().setCause(e).log("runs are left to others to hand over");
        }
    }

    /// Reaps one lease; only one that was judged already where `judged`. Returns whether there was
    /// any that could be reaped to its end.
    private boolean reapOne(boolean judged)
            throws InterruptedException, ExecutionException, TimeoutException {
        Optional<Leases.Taken> taken = await(leases.take(judged));
        if (taken.isEmpty()) {
            return false;
        }
        String lease = taken.get().lease();
        List<RunId> runs = taken.get().runs();
        if (!lease.equals(RunStates.ABANDONED)) {
            LOG.atWarn()
                    .addKeyValue("lease", lease)
                    .addKeyValue("runs", runs.size())
                    .log("a worker is gone: offering its runs again");
        }
        List<? extends CompletableFuture<?>> underWay =
                runs.stream().map(run -> offerAgain(lease, run).toCompletableFuture()).toList();
        int failed = 0;
        for (CompletableFuture<?> one : underWay) {
            try {
                await(one);
            } catch (ExecutionException | TimeoutException e) {
                LOG.atDebug().setCause(e).log("a run was not offered again");
                failed++;
            }
        }
        await(leases.release(lease));
        if (failed > 0) {
            // It may be this worker that cannot reach Kafka: others come first for a while.
            sittingOutSince = System.nanoTime();
            LOG.atWarn()
                    .addKeyValue("lease", lease)
                    .addKeyValue("runs", failed)
                    .log("runs could not be offered again yet");
        }
        return failed == 0;
    }

    private CompletionStage<?> offerAgain(String lease, RunId run) {
        return states.find(run)
                .thenCompose(entry -> {
                    RunEntry known = entry.orElse(null);
                    if (known == null || known.offer() == null || !waits(known, lease)) {
                        return CompletableFuture.completedStage(Integer.MAX_VALUE);
                    }
                    return offers.again(run, known.offer(), known.attempt())
                            .thenAccept(request -> {
                                onOfferedAgain.run();
                                tell(request, known);
                            })
                            .exceptionallyCompose(failure -> unlessGone(run, failure))
                            .thenApply(_ -> known.attempt());
                })
                .thenCompose(attempt -> leases.release(lease, run, attempt));
    }

    /// For whoever looks on; it is told again, and certainly, by the worker that takes the run up.
    private void tell(RunRequest request, RunEntry known) {
        if (known.attempt() > 0 && !known.cancelled()) {
            audit.write(AuditRecord.waiting(request, known.attempt(), clock.instant()));
        }
    }

    /// Whether nobody has taken the run meanwhile.
    private static boolean waits(RunEntry entry, String lease) {
        return switch (entry.state()) {
            case RunEntry.State.Queued _ -> true;
            case RunEntry.State.Claimed _ -> lease.equals(entry.lease());
            case RunEntry.State.Ended _ -> false;
        };
    }

    /// An offer that the log has forgotten is older than any deadline.
    private static <T> CompletionStage<T> unlessGone(RunId run, Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (cause instanceof Offers.GoneException) {
            LOG.atError().addKeyValue("runId", run).log("the offer of a run is gone");
            return CompletableFuture.completedStage(null);
        }
        return CompletableFuture.failedStage(failure);
    }

    private static <T> T await(CompletionStage<T> stage)
            throws InterruptedException, ExecutionException, TimeoutException {
        return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /// Stops looking. From any thread.
    public void close() {
        closing = true;
    }
}
