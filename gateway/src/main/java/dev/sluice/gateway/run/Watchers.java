package dev.sluice.gateway.run;

import dev.sluice.common.redis.RunWatchers;
import dev.sluice.common.run.RunId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts who watches runs that are to be cancelled when nobody does any more, and cancels them
/// then. Safe for any thread; nothing blocks but what says so.
public final class Watchers {
    private static final Logger LOG = LoggerFactory.getLogger(Watchers.class);

    private static final int TRIES = 4;

    private final RunWatchers counts;
    private final RunPublisher publisher;
    private final Duration grace;
    private final Map<Object, CompletableFuture<?>> departures = new ConcurrentHashMap<>();

    /// Watchers of all runs.
    ///
    /// @param grace how long a run may go on without any
    public Watchers(RunWatchers counts, RunPublisher publisher, Duration grace) {
        this.counts = counts;
        this.publisher = publisher;
        this.grace = grace;
    }

    /// Somebody watches a run.
    public void joined(RunId run) {
        log(run, counts.watch(run));
    }

    /// Somebody watches it no more, and the run is to go on all the same.
    public void released(RunId run) {
        log(run, counts.leave(run));
    }

    /// Somebody watches it no more. If nobody does for so long, it is cancelled.
    public void left(RunId run, int partition) {
        CompletableFuture<?> departure =
                uncounted(run, TRIES)
                        .thenCompose(unwatched ->
                                unwatched
                                        ? afterTheGrace()
                                                .thenCompose(_ ->
                                                        publisher.cancelUnwatched(run, partition))
                                        : CompletableFuture.completedStage(false))
                        .toCompletableFuture();
        Object one = new Object();
        departures.put(one, departure);
        departure.whenComplete((_, _) -> departures.remove(one));
    }

    /// Whether nobody watches it now, or Redis, asked again and again, does not say.
    private CompletionStage<Boolean> uncounted(RunId run, int tries) {
        return counts.leave(run)
                .exceptionallyCompose(_ ->
                        tries == 1
                                ? CompletableFuture.completedStage(true)
                                : afterTheGrace().thenCompose(_ -> uncounted(run, tries - 1)));
    }

    private CompletionStage<Void> afterTheGrace() {
        // No timer of Vert.x: those of a verticle end with it, and it may be about to.
        return CompletableFuture.runAsync(
                () -> {},
                CompletableFuture.delayedExecutor(grace.toMillis(), TimeUnit.MILLISECONDS));
    }

    /// Waits until it has been decided what becomes of the runs that were left, for so long at the
    /// most. Blocks.
    public void settle(Duration patience) throws InterruptedException {
        try {
            CompletableFuture.allOf(departures.values().toArray(CompletableFuture[]::new))
                    .get(
                            grace.multipliedBy(TRIES).plus(patience).toMillis(),
                            TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.atWarn().setCause(e).log("runs whose clients left may go on");
        }
    }

    private static void log(RunId run, CompletionStage<?> counted) {
        counted.exceptionally(failure -> {
            LOG.atDebug()
                    .addKeyValue("runId", run)
                    .setCause(failure)
                    .log("a watcher could not be counted");
            return null;
        });
    }
}
