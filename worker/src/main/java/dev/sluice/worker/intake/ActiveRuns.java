package dev.sluice.worker.intake;

import dev.sluice.common.run.RunId;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The runs that are on this worker, from before their claim on, so that no cancellation falls
/// between the claim and the execution. Safe for any thread.
final class ActiveRuns {
    private final ConcurrentMap<RunId, RunTask> tasks = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();

    /// Adds a task unless its run is here already.
    boolean add(RunTask task) {
        return tasks.putIfAbsent(task.run(), task) == null;
    }

    void remove(RunTask task) {
        tasks.remove(task.run(), task);
        lock.lock();
        try {
            left.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Stops a run, if it is here.
    void stop(RunId run, RunTask.Stop why) {
        RunTask task = tasks.get(run);
        if (task != null) {
            task.stop(why);
        }
    }

    /// Stops all runs.
    void stopAll(RunTask.Stop why) {
        tasks.values().forEach(task -> task.stop(why));
    }

    int count() {
        return tasks.size();
    }

    /// Waits until there is none, for so long. Returns whether there is none.
    boolean awaitNone(Duration patience) throws InterruptedException {
        return awaitFewerThan(1, patience);
    }

    /// Waits until there are fewer than so many, for so long. Returns whether there are.
    boolean awaitFewerThan(int many, Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            while (tasks.size() >= many) {
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
