package dev.sluice.worker.intake;

import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunId;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/// The attempts at runs that are on this worker, from before their claim on, so that no
/// cancellation falls between the claim and the execution. Safe for any thread.
final class ActiveRuns {
    private final Set<RunTask> tasks = ConcurrentHashMap.newKeySet();
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
            counter(task.lane()).decrementAndGet();
        }
        lock.lock();
        try {
            left.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Stops a run, if it is here.
    void stop(RunId run, RunTask.Stop why) {
        stopAll(task -> task.run().equals(run), why);
    }

    /// Stops all attempts of which this holds.
    void stopAll(Predicate<RunTask> which, RunTask.Stop why) {
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
        boolean room = count(Lane.INTERACTIVE) + Math.min(batch, share) < slots.all();
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
