package dev.sluice.worker.provider;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.UpstreamTimedOut.Phase;
import java.time.Duration;

/// When a call must be over, retries included.
///
/// @param at by [System#nanoTime()]
/// @param missed what it is called to be late
record Deadline(long at, Failure missed) {
    /// The earlier of the provider's limit for a whole call and the end of the run.
    static Deadline of(String provider, Duration total, Duration timeLeft) {
        return timeLeft.compareTo(total) <= 0
                ? in(timeLeft, new Failure.DeadlineExceeded())
                : in(total, new Failure.UpstreamTimedOut(provider, Phase.TOTAL));
    }

    private static Deadline in(Duration duration, Failure missed) {
        // A run may be given all the time there is; a century is as good, and can be added to.
        long nanos = Math.min(duration.toSeconds(), 3_153_600_000L) * 1_000_000_000L;
        return new Deadline(System.nanoTime() + nanos + duration.toNanosPart(), missed);
    }

    /// The time until then, negative once it has passed.
    Duration left() {
        return Duration.ofNanos(at - System.nanoTime());
    }
}
