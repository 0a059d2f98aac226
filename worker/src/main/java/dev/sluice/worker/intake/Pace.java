package dev.sluice.worker.intake;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.LongAdder;

/// How many there are a second, over the last ten seconds. Counted from any thread, asked from one.
final class Pace {
    private static final long WINDOW = Duration.ofSeconds(10).toNanos();
    private static final double SECOND = Duration.ofSeconds(1).toNanos();

    private final LongAdder count = new LongAdder();
    private final Deque<Sample> samples = new ArrayDeque<>();

    private record Sample(long at, long count) {}

    /// There was one.
    void count() {
        count.increment();
    }

    /// How many there were a second up to `now`, by [System#nanoTime()], since the first time that
    /// this was asked within the window; to two places.
    double perSecond(long now) {
        Sample last = new Sample(now, count.sum());
        samples.add(last);
        while (now - samples.getFirst().at() > WINDOW && samples.size() > 2) {
            samples.removeFirst();
        }
        Sample first = samples.getFirst();
        long took = last.at() - first.at();
        return took == 0
                ? 0
                : Math.round((last.count() - first.count()) * SECOND / took * 100) / 100.0;
    }
}
