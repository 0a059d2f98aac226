package dev.sluice.worker.intake;

import dev.sluice.common.run.Lane;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/// The places in which a worker's runs execute. Within a lane it is first come, first served; runs
/// of the batch lane have only so many of the slots, and take one only where no interactive run
/// waits for it. Safe for any thread.
final class Slots {
    private final int all;
    private final int batch;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Semaphore> interactiveWaiting = new ArrayDeque<>();
    private final Queue<Semaphore> batchWaiting = new ArrayDeque<>();
    private int used;
    private int usedByBatch;

    /// @param all how many there are
    /// @param batch how many of them runs of the batch lane may take
    Slots(int all, int batch) {
        this.all = all;
        this.batch = batch;
    }

    /// How many there are.
    int all() {
        return all;
    }

    /// How many of them runs of a lane may take.
    int of(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> all;
            case BATCH -> batch;
        };
    }

    /// Waits for one and takes it.
    void take(Lane lane) throws InterruptedException {
        Semaphore turn = new Semaphore(0);
        lock.lock();
        try {
            waiting(lane).add(turn);
            fill();
        } finally {
            lock.unlock();
        }
        try {
            turn.acquire();
        } catch (InterruptedException e) {
            leave(lane, turn);
            throw e;
        }
    }

    void giveBack(Lane lane) {
        lock.lock();
        try {
            used--;
            if (lane == Lane.BATCH) {
                usedByBatch--;
            }
            fill();
        } finally {
            lock.unlock();
        }
    }

    /// Whoever waits no longer may have been given one at that very moment.
    private void leave(Lane lane, Semaphore turn) {
        lock.lock();
        try {
            if (!waiting(lane).remove(turn)) {
                giveBack(lane);
            }
        } finally {
            lock.unlock();
        }
    }

    private void fill() {
        while (used < all) {
            Semaphore next = interactiveWaiting.poll();
            if (next == null && usedByBatch < batch) {
                next = batchWaiting.poll();
                usedByBatch += next == null ? 0 : 1;
            }
            if (next == null) {
                return;
            }
            used++;
            next.release();
        }
    }

    private Queue<Semaphore> waiting(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> interactiveWaiting;
            case BATCH -> batchWaiting;
        };
    }

    int free() {
        return all - used();
    }

    int used() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }

    /// How many runs of a lane have one.
    int used(Lane lane) {
        lock.lock();
        try {
            return lane == Lane.BATCH ? usedByBatch : used - usedByBatch;
        } finally {
            lock.unlock();
        }
    }

    /// How many claimed runs of a lane wait for one.
    int queued(Lane lane) {
        lock.lock();
        try {
            return waiting(lane).size();
        } finally {
            lock.unlock();
        }
    }

    /// How many claimed runs wait for one.
    int queued() {
        lock.lock();
        try {
            return interactiveWaiting.size() + batchWaiting.size();
        } finally {
            lock.unlock();
        }
    }
}
