package dev.sluice.gateway.http.access;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.Unavailable;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Bounds how many runs' clients wait at this gateway, and admits none once it shuts down. Safe for
/// any thread.
public final class Admission {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final int most;
    private final AtomicInteger waiting = new AtomicInteger();
    private final CountDownLatch empty = new CountDownLatch(1);
    private volatile boolean closing;

    /// An admission of at most so many at once.
    public Admission(int most) {
        this.most = most;
    }

    /// Admits a run, which must [#leave()] when its client waits no longer; or says why not.
    public @Nullable Failure enter() {
        int now = waiting.incrementAndGet();
        if (closing) {
            leave();
            return new Unavailable(Unavailable.Reason.SHUTTING_DOWN, RETRY_AFTER);
        }
        if (now > most) {
            leave();
            return new Unavailable(Unavailable.Reason.TOO_MANY_WAITING, RETRY_AFTER);
        }
        return null;
    }

    /// Ends what [#enter()] began.
    public void leave() {
        if (waiting.decrementAndGet() == 0 && closing) {
            empty.countDown();
        }
    }

    /// Admits nobody from now on, and waits until nobody waits any more, for so long. Blocks.
    public void close(Duration patience) throws InterruptedException {
        closing = true;
        if (waiting.get() > 0) {
            empty.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /// Whether it still admits.
    public boolean open() {
        return !closing;
    }

    /// How many wait.
    public int waiting() {
        return waiting.get();
    }
}
