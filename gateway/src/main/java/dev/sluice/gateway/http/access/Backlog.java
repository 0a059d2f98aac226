package dev.sluice.gateway.http.access;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.Unavailable;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The interactive runs that this gateway has published and no worker has begun, oldest first.
/// While the oldest waits too long, no further ones should join them. Safe for any thread.
public final class Backlog {
    private static final Duration SOONEST = Duration.ofSeconds(1);
    private static final Duration LATEST = Duration.ofSeconds(60);

    private final Duration longest;
    private final LongSupplier nanoTime;
    private final LinkedHashMap<RunId, Long> since = new LinkedHashMap<>();

    /// A backlog that takes no further runs while the oldest has waited for longer than `longest`.
    ///
    /// @param nanoTime a clock like [System#nanoTime()]
    public Backlog(Duration longest, LongSupplier nanoTime) {
        this.longest = longest;
        this.nanoTime = nanoTime;
    }

    /// Why no run of a lane should be published now; null where one may. Whoever asks again is to
    /// wait for as long as the oldest has waited already: that is how long it takes at the least.
    public @Nullable Failure refusal(Lane lane) {
        Duration oldest = lane == Lane.INTERACTIVE ? oldest() : Duration.ZERO;
        if (oldest.compareTo(longest) <= 0) {
            return null;
        }
        Duration later = oldest.compareTo(LATEST) > 0 ? LATEST : oldest;
        return new Unavailable(
                Unavailable.Reason.WORKERS_BUSY, later.compareTo(SOONEST) < 0 ? SOONEST : later);
    }

    /// A run is about to be published. Returns whether it belongs here, and then it must be
    /// followed by [#remove(RunId)].
    public boolean add(RunRequest request) {
        if (request.lane() != Lane.INTERACTIVE) {
            return false;
        }
        synchronized (since) {
            since.put(request.run(), nanoTime.getAsLong());
        }
        return true;
    }

    /// A run was begun, or will not be, or nobody waits for it any more. Changes nothing where it
    /// is not there.
    public void remove(RunId run) {
        synchronized (since) {
            since.remove(run);
        }
    }

    /// How long the oldest has waited; 0 where there is none.
    public Duration oldest() {
        synchronized (since) {
            Map.@Nullable Entry<RunId, Long> first = since.firstEntry();
            return first == null
                    ? Duration.ZERO
                    : Duration.ofNanos(nanoTime.getAsLong() - first.getValue());
        }
    }
}
