package dev.sluice.worker.intake;

import dev.sluice.common.journal.History;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.run.RunId;
import dev.sluice.worker.audit.RunTrail;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells that a run is no longer this worker's, because it ended or is left to another: Redis, and
/// before it what must not be missing when Redis knows of the end. Said once, on the run's own
/// thread; without it the run would be nobody's under a lease that lives.
final class Farewell {
    private static final Logger LOG = LoggerFactory.getLogger(Farewell.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(250);
    private static final String AUDIT = "audit stream";
    private static final String REDIS = "Redis";

    private final RunId run;
    private final String claim;
    private final WorkerContext worker;
    private final BooleanSupplier superseded;
    private volatile boolean begun;

    /// @param superseded whether somebody else has the run already, to whom nothing need be said
    Farewell(RunId run, String claim, WorkerContext worker, BooleanSupplier superseded) {
        this.run = run;
        this.claim = claim;
        this.worker = worker;
        this.superseded = superseded;
    }

    /// Says how the run ended. Blocks until the audit stream has all of it and Redis knows: a
    /// worker that dies before has another one read the end in the journal, and say so again.
    void ended(String lease, RunTrail trail, History.End end) {
        RunEntry.Status status = RunEntry.Status.of(end.event());
        if (untilAnswered(AUDIT, () -> trail.end(end))) {
            untilAnswered(
                    REDIS, () -> worker.states().end(run, claim, lease, status, end.offset()));
        }
    }

    /// Leaves the run to whoever comes next. Blocks until Redis knows.
    void abandoned(String lease) {
        worker.meters().abandoned();
        untilAnswered(REDIS, () -> worker.leases().abandon(run, claim, lease));
    }

    /// Whether it is being said, or was.
    boolean isBegun() {
        return begun;
    }

    /// Whether it was answered; not so where somebody else has the run, or the thread is to stop.
    private boolean untilAnswered(String who, Supplier<CompletionStage<?>> word) {
        begun = true;
        try {
            while (!answered(who, word)) {
                if (superseded.getAsBoolean()) {
                    return false;
                }
                Thread.sleep(PAUSE);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean answered(String who, Supplier<CompletionStage<?>> word)
            throws InterruptedException {
        try {
            word.get().toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            LOG.atDebug()
                    .addKeyValue("runId", run)
                    .addKeyValue("who", who)
                    .setCause(e)
                    .log("not everybody knows what became of a run yet");
            return false;
        }
    }
}
