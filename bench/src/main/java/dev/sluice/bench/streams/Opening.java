package dev.sluice.bench.streams;

import dev.sluice.bench.load.Load;
import dev.sluice.bench.load.Measured;
import dev.sluice.bench.load.Question;
import dev.sluice.bench.load.Side;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// How many streams are opened: not all in one moment, but at a steady rate.
///
/// @param streams how many
record Opening(int streams) {
    private static final int MOST_PER_SECOND = 500;

    /// A look at the streams while all are open, and what it saw.
    ///
    /// @param streams what came of them
    record Seen<T>(Measured streams, T sight) {}

    int perSecond() {
        return Math.min(MOST_PER_SECOND, streams);
    }

    /// How long it takes.
    Duration time() {
        return Duration.ofSeconds(1).multipliedBy(streams).dividedBy(perSecond());
    }

    /// Opens them, looks at them some time after all are open, and waits until they have ended.
    <T> Seen<T> open(Load load, Side side, Question question, Duration later, Callable<T> look)
            throws InterruptedException {
        var sight =
                new FutureTask<>(() -> {
                    Thread.sleep(time().plus(later));
                    return look.call();
                });
        Thread looker = Thread.ofVirtual().name("streams-look").start(sight);
        try {
            Measured measured = load.atRate(side, question, perSecond(), time());
            return new Seen<>(measured, sight.get());
        } catch (ExecutionException e) {
            throw new IllegalStateException("the streams could not be looked at", e.getCause());
        } finally {
            looker.interrupt();
        }
    }
}
