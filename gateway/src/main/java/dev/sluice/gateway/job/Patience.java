package dev.sluice.gateway.job;

import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tries again what fails because something is away, at growing intervals, until it is closed. Safe
/// for any thread; nothing blocks.
final class Patience implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofMillis(500);

    /// Where Redis is away, a thousand jobs say so at once.
    private static final Duration BETWEEN_WARNINGS = Duration.ofSeconds(10);

    private final AtomicLong nextWarning = new AtomicLong(System.nanoTime());
    private volatile boolean closed;

    /// Something is away that will be back.
    static final class AwayException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        AwayException(String what) {
            super(what, null, false, false);
        }
    }

    /// Does something until it succeeds, or fails for another reason than that something is away:
    /// it would fail so for ever.
    ///
    /// @param what for the log
    <T> CompletionStage<T> untilDone(String what, Supplier<CompletionStage<T>> attempt) {
        return untilDone(what, Patience::isAway, attempt);
    }

    /// Does something until it succeeds, or fails otherwise than `again` says.
    ///
    /// @param what for the log
    <T> CompletionStage<T> untilDone(
            String what, Predicate<Throwable> again, Supplier<CompletionStage<T>> attempt) {
        Trial<T> trial = new Trial<>(what, again, attempt);
        trial.run();
        return trial.done;
    }

    /// Whether something failed because what it needs is away, and not by itself.
    static boolean isAway(Throwable cause) {
        return switch (cause) {
            case AwayException _, RedisException _, RetriableException _ -> true;
            // Credentials expire, and are renewed.
            case AuthenticationException _, AuthorizationException _ -> true;
            case TimeoutException _, CancellationException _ -> true;
            default -> false;
        };
    }

    /// What a stage failed of.
    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }

    /// Something that is tried, one time after the other.
    private final class Trial<T> implements Runnable {
        private final String what;
        private final Predicate<Throwable> again;
        private final Supplier<CompletionStage<T>> attempt;
        private final CompletableFuture<T> done = new CompletableFuture<>();
        private Duration pause = FIRST;

        Trial(String what, Predicate<Throwable> again, Supplier<CompletionStage<T>> attempt) {
            this.what = what;
            this.again = again;
            this.attempt = attempt;
        }

        @Override
        public void run() {
            begun().whenComplete((value, failure) -> {
                if (failure == null) {
                    done.complete(value);
                } else if (closed || !again.test(cause(failure))) {
                    done.completeExceptionally(cause(failure));
                } else {
                    warn(what, failure, pause.equals(FIRST));
                    Executor later =
                            CompletableFuture.delayedExecutor(
                                    pause.toMillis(), TimeUnit.MILLISECONDS);
                    pause = longer(pause);
                    later.execute(this);
                }
            });
        }

        private CompletionStage<T> begun() {
            try {
                return attempt.get();
            } catch (RuntimeException e) {
                return CompletableFuture.failedStage(e);
            }
        }
    }

    /// A topic that a producer has yet to learn of is there within a moment: the first failure is
    /// worth no warning.
    private void warn(String what, Throwable failure, boolean first) {
        long now = System.nanoTime();
        long due = nextWarning.get();
        boolean quiet =
                first
                        || now - due < 0
                        || !nextWarning.compareAndSet(due, now + BETWEEN_WARNINGS.toNanos());
        (quiet ? LOG.atDebug() : LOG.atWarn())
                .addKeyValue("what", what)
                .setCause(failure)
                .log("something is away; trying again");
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
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
