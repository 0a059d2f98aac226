package dev.sluice.worker.provider;

import dev.sluice.common.run.Failure.UpstreamTimedOut.Phase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Notices that an upstream takes too long. One timer does for all phases of an attempt: a piece of
/// an answer only moves a number. Belongs to one event loop.
final class Watch {
    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final Deadline deadline;
    private final Consumer<@Nullable Phase> late;
    private @Nullable Phase phase;
    private long phaseEnds;
    private long timer = NO_TIMER;
    private long timerDue;
    private boolean stopped;

    /// @param late is told of the phase that took too long, null for the whole call
    Watch(Vertx vertx, Deadline deadline, Consumer<@Nullable Phase> late) {
        this.vertx = vertx;
        this.deadline = deadline;
        this.late = late;
    }

    /// Begins, with no limit but the deadline.
    void start() {
        if (!stopped) {
            arm(deadline.at());
        }
    }

    /// Gives the upstream this long from now until the next call.
    void expect(Phase next, Duration within) {
        if (stopped) {
            return;
        }
        phase = next;
        phaseEnds = System.nanoTime() + nanos(within);
        if (phaseEnds - timerDue < 0) {
            vertx.cancelTimer(timer);
            arm(phaseEnds);
        }
    }

    /// Ends the watch.
    void stop() {
        stopped = true;
        if (timer != NO_TIMER) {
            vertx.cancelTimer(timer);
            timer = NO_TIMER;
        }
    }

    /// Does something later, unless stopped until then.
    void linger(Duration time, Runnable then) {
        timer = vertx.setTimer(time.toMillis(), _ -> then.run());
    }

    private void arm(long due) {
        timerDue = due;
        // A timer may fire up to a millisecond early.
        long millis = (due - System.nanoTime()) / 1_000_000 + 1;
        timer = vertx.setTimer(Math.max(1, millis), _ -> look());
    }

    private void look() {
        long now = System.nanoTime();
        if (deadline.at() - now <= 0) {
            late.accept(null);
        } else if (phase == null) {
            arm(deadline.at());
        } else if (phaseEnds - now <= 0) {
            late.accept(phase);
        } else {
            arm(phaseEnds - deadline.at() < 0 ? phaseEnds : deadline.at());
        }
    }

    private static long nanos(Duration duration) {
        return Math.min(duration.toSeconds(), 3_153_600_000L) * 1_000_000_000L
                + duration.toNanosPart();
    }
}
