package dev.sluice.worker.intake;

import dev.sluice.common.journal.History;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.run.RunId;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells Redis that a run is no longer this worker's, because it ended or is left to another. Said
/// once, on the run's own thread; without it the run would be nobody's under a lease that lives.
final class Farewell {
    private static final Logger LOG = LoggerFactory.getLogger(Farewell.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(250);

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

    /// Says how the run ended. Blocks until Redis knows.
    void ended(String lease, History.End end) {
        RunEntry.Status status = RunEntry.Status.of(end.event());
        untilAnswered(() -> worker.states().end(run, claim, lease, status, end.offset()));
    }

    /// Leaves the run to whoever comes next. Blocks until Redis knows.
    void abandoned(String lease) {
        worker.meters().abandoned();
        untilAnswered(() -> worker.leases().abandon(run, claim, lease));
    }

    /// Whether it is being said, or was.
    boolean isBegun() {
        return begun;
    }

    private void untilAnswered(Supplier<CompletionStage<?>> word) {
        begun = true;
        try {
            while (!answered(word) && !superseded.getAsBoolean()) {
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean answered(Supplier<CompletionStage<?>> word) throws InterruptedException {
        try {
            word.get().toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            LOG.atDebug().addKeyValue("runId", run).setCause(e).log("Redis does not know yet");
            return false;
        }
    }
}
