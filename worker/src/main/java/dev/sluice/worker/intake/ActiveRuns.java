package dev.sluice.worker.intake;

import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunId;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The attempts at runs that are on this worker, from before their claim on, so that no
/// cancellation falls between the claim and the execution. Safe for any thread.
final class ActiveRuns {
    private static final Logger LOG = LoggerFactory.getLogger(ActiveRuns.class);
    private static final int MOST_UNTOLD = 10_000;

    private final Set<RunTask> tasks = ConcurrentHashMap.newKeySet();
    private final Set<RunTask> untold = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean warned = new AtomicBoolean();
    private final AtomicInteger interactive = new AtomicInteger();
    private final AtomicInteger batch = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();

    void add(RunTask task) {
        if (tasks.add(task)) {
            counter(task.lane()).incrementAndGet();
        }
    }

    void remove(RunTask task) {
        if (tasks.remove(task)) {
            if (!untold.remove(task)) {
                counter(task.lane()).decrementAndGet();
            } else if (untold.isEmpty()) {
                warned.set(false);
            }
        }
        signal();
    }

    /// Makes the room of a run free that has ended for its client, of which others are yet to be
    /// told.
    void ended(RunTask task) {
        if (tasks.contains(task) && untold.add(task)) {
            counter(task.lane()).decrementAndGet();
            if (!mayLeave() && warned.compareAndSet(false, true)) {
                LOG.atWarn()
                        .addKeyValue("runs", untold())
                        .log(
                                "too many runs have ended that nobody can be told of: no more are taken");
            }
        }
        signal();
    }

    /// How many runs have ended of which the audit stream, or Redis, is yet to know.
    int untold() {
        return untold.size();
    }

    private boolean mayLeave() {
        return untold.size() < MOST_UNTOLD;
    }

    private void signal() {
        lock.lock();
        try {
            left.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Stops a run, if it is here.
    void stop(RunId run, Interruption.Reason why) {
        stopAll(task -> task.run().equals(run), why);
    }

    /// Stops all attempts of which this holds.
    void stopAll(Predicate<RunTask> which, Interruption.Reason why) {
        tasks.stream().filter(which).forEach(task -> task.stop(why));
    }

    /// All of them, as they are.
    Set<RunTask> all() {
        return Set.copyOf(tasks);
    }

    int count() {
        return tasks.size();
    }

    /// How many of a lane there are.
    int count(Lane lane) {
        return counter(lane).get();
    }

    private AtomicInteger counter(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> interactive;
            case BATCH -> batch;
        };
    }

    /// Waits until there is none, for so long. Returns whether there is none.
    boolean awaitNone(Duration patience) throws InterruptedException {
        return await(tasks::isEmpty, patience);
    }

    /// Waits until another run of a lane may be taken in, for so long. Returns whether it may.
    ///
    /// Counted are the runs that are here and not the slots that they hold: a run that was just
    /// claimed has yet to take its slot. Batch runs that wait for one of the lane's own stand
    /// before nobody else.
    boolean awaitRoom(Lane lane, Slots slots, Duration patience) throws InterruptedException {
        return await(() -> hasRoom(lane, slots), patience);
    }

    /// Whether another run of a lane may be taken in.
    boolean hasRoom(Lane lane, Slots slots) {
        int batch = count(Lane.BATCH);
        int share = slots.of(Lane.BATCH);
        boolean room = count(Lane.INTERACTIVE) + Math.min(batch, share) < slots.all() && mayLeave();
        return switch (lane) {
            case INTERACTIVE -> room;
            case BATCH -> room && batch < share;
        };
    }

    private boolean await(BooleanSupplier so, Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            while (!so.getAsBoolean()) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = left.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
