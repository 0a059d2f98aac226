package dev.sluice.worker.intake;

import dev.sluice.common.run.RunId;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// The attempts at runs that are on this worker, from before their claim on, so that no
/// cancellation falls between the claim and the execution. Safe for any thread.
final class ActiveRuns {
    private final Set<RunTask> tasks = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();

    void add(RunTask task) {
        tasks.add(task);
    }

    void remove(RunTask task) {
        tasks.remove(task);
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
