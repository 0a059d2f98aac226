package dev.sluice.bench.chaos.load;

import java.time.Duration;

/// A moment after which a client gives up, by the monotonic clock.
record Deadline(long nanoTime) {
    static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    boolean passed() {
        return System.nanoTime() - nanoTime >= 0;
    }
}
