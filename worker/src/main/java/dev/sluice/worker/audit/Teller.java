package dev.sluice.worker.audit;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does one thing after the other on a thread of its own, together what comes within a moment: to
/// wake a thread for each event that nobody waits for would cost the runs more than the event. Safe
/// for any thread.
public final class Teller implements Executor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Teller.class);
    private static final Duration LINGER = Duration.ofMillis(25);

    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean due = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(
                    1,
                    Thread.ofPlatform().daemon().name("sluice-audit").factory(),
                    new ThreadPoolExecutor.DiscardPolicy());

    @Override
    public void execute(Runnable task) {
        waiting.add(task);
        if (due.compareAndSet(false, true)) {
            thread.schedule(this::run, LINGER.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void run() {
        // What is added from here on is either seen below or due again.
        due.set(false);
        for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                // Those behind it are other runs'.
                LOG.atError().setCause(e).log("what the audit stream was to be told failed");
            }
        }
    }

    /// Does nothing more: what is told when it has ended is told by others.
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
