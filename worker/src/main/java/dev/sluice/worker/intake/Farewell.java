package dev.sluice.worker.intake;

import dev.sluice.common.journal.ForgottenException;
import dev.sluice.common.journal.History;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.worker.audit.RunTrail;
import dev.sluice.worker.audit.Witness;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells that a run is no longer this worker's, because it ended or is left to another: Redis, and
/// before it what must not be missing when Redis knows of the end. Said once, on the run's own
/// thread; without it the run would be nobody's under a lease that lives.
final class Farewell {
    private static final Logger LOG = LoggerFactory.getLogger(Farewell.class);
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final RunRequest request;
    private final RunId run;
    private final String claim;
    private final WorkerContext worker;
    private final BooleanSupplier superseded;
    private volatile boolean begun;

    /// @param superseded whether somebody else has the run already, to whom nothing need be said
    Farewell(RunRequest request, String claim, WorkerContext worker, BooleanSupplier superseded) {
        this.request = request;
        this.run = request.run();
        this.claim = claim;
        this.worker = worker;
        this.superseded = superseded;
    }

    /// Says how the run ended that this attempt brought to its end, if its end counts: another
    /// attempt may have begun before.
    void ended(String lease, Witness witness, History.End end) {
        Boolean counts =
                untilAnswered(() ->
                        witness.counts()
                                .thenCompose(count ->
                                        count
                                                ? say(lease, witness.trail(), end)
                                                : CompletableFuture.completedStage(false)));
        if (counts == null || counts) {
            return;
        }
        History history = untilAnswered(() -> worker.history(request, end.offset() + 1));
        if (history == null) {
            return;
        }
        History.End counted = history.end();
        if (counted != null && counted.offset() == end.offset()) {
            RunTrail trail = worker.trail(request);
            trail.found(history);
            ended(lease, trail, counted);
        }
    }

    /// Says how the run ended, as the journal has it. Blocks until the audit stream has all of it
    /// and Redis knows: a worker that dies before has another one read the end in the journal, and
    /// say so again.
    void ended(String lease, RunTrail trail, History.End end) {
        untilAnswered(() -> say(lease, trail, end));
    }

    private CompletionStage<Boolean> say(String lease, RunTrail trail, History.End end) {
        RunEntry.Status status = RunEntry.Status.of(end.event());
        return trail.end(end)
                .thenCompose(_ -> worker.states().end(run, claim, lease, status, end.offset()))
                .thenApply(_ -> true);
    }

    /// Leaves the run to whoever comes next. Blocks until Redis knows.
    void abandoned(String lease) {
        worker.meters().abandoned();
        untilAnswered(() -> worker.leases().abandon(run, claim, lease).thenApply(_ -> true));
    }

    /// Whether it is being said, or was.
    boolean isBegun() {
        return begun;
    }

    /// What was answered; null where somebody else has the run, or the thread is to stop.
    private <T> @Nullable T untilAnswered(Supplier<CompletionStage<T>> word) {
        begun = true;
        try {
            while (true) {
                T answer = answer(word);
                if (answer != null || superseded.getAsBoolean()) {
                    return answer;
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /// Waits for as long as it takes: each command to Redis and each read of the journal has a
    /// limit of its own, and the audit stream is told until it has all.
    private <T> @Nullable T answer(Supplier<CompletionStage<T>> word) throws InterruptedException {
        try {
            return word.get().toCompletableFuture().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ForgottenException) {
                // Nothing that is tried again brings it back.
                throw new IllegalStateException("the journal of " + run + " is gone", e);
            }
            LOG.atDebug()
                    .addKeyValue("runId", run)
                    .setCause(e)
                    .log("not everybody knows what became of a run yet");
            return null;
        }
    }
}
