package dev.sluice.gateway.job;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tries again what fails because something is away, at growing intervals, until it is closed. Safe
/// for any thread; nothing blocks.
final class Patience implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(2);

    /// Where Redis is away, a thousand jobs say so at once.
    private static final Duration BETWEEN_WARNINGS = Duration.ofSeconds(10);

    private final AtomicLong nextWarning = new AtomicLong(System.nanoTime());
    private volatile boolean closed;

    /// Does something until it succeeds.
    ///
    /// @param what for the log
    <T> CompletionStage<T> untilDone(String what, Supplier<CompletionStage<T>> attempt) {
        return attempt(what, attempt, FIRST);
    }

    private <T> CompletionStage<T> attempt(
            String what, Supplier<CompletionStage<T>> attempt, Duration pause) {
        return begun(attempt)
                .exceptionallyCompose(failure -> {
                    if (closed) {
                        return CompletableFuture.failedStage(new IllegalStateException("closed"));
                    }
                    warn(what, failure);
                    return after(pause).thenCompose(_ -> attempt(what, attempt, longer(pause)));
                });
    }

    private static <T> CompletionStage<T> begun(Supplier<CompletionStage<T>> attempt) {
        try {
            return attempt.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private void warn(String what, Throwable failure) {
        long now = System.nanoTime();
        long due = nextWarning.get();
        boolean quiet =
                now - due < 0 || !nextWarning.compareAndSet(due, now + BETWEEN_WARNINGS.toNanos());
        (quiet ? LOG.atDebug() : LOG.atWarn())
                .addKeyValue("what", what)
                .setCause(failure)
                .log("something is away; trying again");
    }

    /// The pause that follows a pause.
    static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    }

    /// Completes after a while.
    static CompletableFuture<Void> after(Duration pause) {
        return CompletableFuture.runAsync(
                () -> {},
                CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS));
    }

    /// Gives up what is being tried, at its next failure.
    @Override
    public void close() {
        closed = true;
    }

    /// Whether nothing is tried again any more.
    boolean isClosed() {
        return closed;
    }
}
