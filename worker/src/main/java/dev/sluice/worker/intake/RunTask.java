package dev.sluice.worker.intake;

import dev.sluice.common.redis.RunStates.Claim;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.TraceContext;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.journal.KafkaJournal;
import dev.sluice.worker.run.Execution;
import dev.sluice.worker.run.Journal;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An offered run on this worker, from before its claim to its end; it executes on a virtual thread
/// of its own. What stops it may come from any thread, at any time.
final class RunTask {
    private static final Logger LOG = LoggerFactory.getLogger(RunTask.class);

    /// Why a run is stopped from outside.
    enum Stop {
        /// Somebody cancelled it.
        CANCELLED,
        /// Its deadline passed.
        EXPIRED,
        /// The worker shuts down and waits no longer.
        DRAINED,
        /// Its journal could not be written.
        LOST
    }

    private final RunRequest request;
    private final String claimId;
    private final @Nullable String requestId;
    private final @Nullable TraceContext trace;
    private final WorkerContext worker;
    private @Nullable Thread thread;
    private @Nullable Stop stop;
    private boolean ending;

    RunTask(
            RunRequest request,
            String claimId,
            @Nullable String requestId,
            @Nullable TraceContext trace,
            WorkerContext worker) {
        this.request = request;
        this.claimId = claimId;
        this.requestId = requestId;
        this.trace = trace;
        this.worker = worker;
    }

    RunRequest request() {
        return request;
    }

    RunId run() {
        return request.run();
    }

    String claimId() {
        return claimId;
    }

    /// Stops the run, whether it executes or is still to be; the first reason counts, and none does
    /// once the run is writing its end.
    synchronized void stop(Stop why) {
        if (stop == null && !ending) {
            stop = why;
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    /// Executes the run under a claim, on the calling thread, and returns when its end is written.
    void execute(Claim.Granted claim) {
        long began = System.nanoTime();
        KafkaJournal journal =
                worker.journal(
                        request.run(),
                        request.replyPartition(),
                        claim.attempt(),
                        claimId,
                        () -> stop(Stop.LOST));
        try {
            journal.begin(worker.id());
            RunEvent end = outcome(claim, journal);
            beginEnding();
            journal.commit(end);
            worker.states().end(run(), claimId);
            worker.meters().ended(end, Duration.ofNanos(System.nanoTime() - began));
            LOG.atInfo()
                    .addKeyValue("requestId", requestId)
                    .addKeyValue("runId", run())
                    .addKeyValue("agent", request.agent())
                    .addKeyValue("status", describe(end))
                    .addKeyValue("millis", (System.nanoTime() - began) / 1_000_000)
                    .log("run ended");
        } catch (Journal.LostException e) {
            LOG.atError().addKeyValue("runId", run()).setCause(e).log("the journal has a gap");
            giveUp(journal);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Ends a run whose journal has a gap: it can no longer complete, and its client must not wait.
    private void giveUp(KafkaJournal journal) {
        beginEnding();
        try {
            journal.giveUp(new RunEvent.RunFailed(new Failure.WorkerLost(), Usage.NONE));
            worker.states().end(run(), claimId);
        } catch (Journal.LostException e) {
            LOG.atError().addKeyValue("runId", run()).setCause(e).log("a run has no end");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private RunEvent outcome(Claim.Granted claim, Journal journal) {
        return switch (claim) {
            case Claim.Cancelled _ -> new RunEvent.RunCancelled(Usage.NONE);
            case Claim.Expired _ ->
                    new RunEvent.RunFailed(new Failure.DeadlineExceeded(), Usage.NONE);
            case Claim.Execute(_, Duration timeLeft) -> executeWithin(timeLeft, journal);
        };
    }

    private RunEvent executeWithin(Duration timeLeft, Journal journal) {
        Execution execution = worker.engine().prepare(request, timeLeft, trace, journal);
        Future<?> alarm =
                worker.alarms()
                        .schedule(
                                () -> stop(Stop.EXPIRED),
                                timeLeft.toMillis(),
                                TimeUnit.MILLISECONDS);
        try {
            beginExecuting();
            worker.slots().take();
            try {
                return execution.execute();
            } finally {
                worker.slots().giveBack();
            }
        } catch (InterruptedException e) {
            return stopped(execution.usage());
        } catch (Journal.LostException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            if (isStopped()) {
                return stopped(execution.usage());
            }
            LOG.atError().addKeyValue("runId", run()).setCause(e).log("the run engine threw");
            return new RunEvent.RunFailed(new Failure.Internal(), execution.usage());
        } finally {
            alarm.cancel(false);
        }
    }

    private synchronized void beginExecuting() throws InterruptedException {
        if (stop != null) {
            throw new InterruptedException();
        }
        thread = Thread.currentThread();
    }

    /// From here on nothing interrupts the thread any more. Returns what stopped the run, if
    /// anything.
    private synchronized @Nullable Stop beginEnding() {
        ending = true;
        Thread.interrupted();
        return stop;
    }

    private synchronized boolean isStopped() {
        return stop != null;
    }

    private synchronized RunEvent stopped(Usage usage) {
        return switch (stop) {
            case CANCELLED -> new RunEvent.RunCancelled(usage);
            case EXPIRED -> new RunEvent.RunFailed(new Failure.DeadlineExceeded(), usage);
            case DRAINED, LOST -> new RunEvent.RunFailed(new Failure.WorkerLost(), usage);
            case null -> new RunEvent.RunFailed(new Failure.Internal(), usage);
        };
    }

    private static String describe(RunEvent end) {
        return end instanceof RunEvent.RunFailed(Failure failure, _)
                ? failure.getClass().getSimpleName()
                : end.getClass().getSimpleName();
    }
}
