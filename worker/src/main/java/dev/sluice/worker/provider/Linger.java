package dev.sluice.worker.provider;

import io.vertx.core.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does together what many calls have to do at about the same time, so that whoever is behind them
/// is woken once for all: at once while little is going on, and otherwise a moment later, as a
/// Kafka producer with a linger does. Belongs to one event loop.
///
/// Without it a thousand streams of 20 tokens a second make some 3,800 produce requests a second of
/// five tokens, and as many fetches at the gateway.
final class Linger {
    private static final Logger LOG = LoggerFactory.getLogger(Linger.class);

    /// What a piece may wait; nobody sees it between two tokens. The timer counts milliseconds, and
    /// may be one early.
    private static final Duration PERIOD = Duration.ofMillis(5);

    private final Context loop;
    private List<Runnable> waiting = new ArrayList<>();
    private long last = System.nanoTime() - PERIOD.toNanos();

    Linger(Context loop) {
        this.loop = loop;
    }

    /// Has a task run with all others that join meanwhile, about a period after those before.
    void join(Runnable task) {
        waiting.add(task);
        if (waiting.size() > 1) {
            return;
        }
        long wait = last + PERIOD.toNanos() - System.nanoTime();
        if (wait <= 0) {
            loop.runOnContext(_ -> run());
        } else {
            loop.owner().setTimer(Math.ceilDiv(wait, 1_000_000), _ -> run());
        }
    }

    private void run() {
        last = System.nanoTime();
        List<Runnable> due = waiting;
        waiting = new ArrayList<>(due.size());
        for (Runnable task : due) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                // Those behind it are other calls'.
                LOG.atError().setCause(e).log("what a call had to do failed");
            }
        }
    }
}
