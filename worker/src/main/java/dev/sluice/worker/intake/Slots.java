package dev.sluice.worker.intake;

import java.util.concurrent.Semaphore;

/// The places in which a worker's runs execute. First come, first served; safe for any thread.
final class Slots {
    private final int all;
    private final Semaphore free;

    Slots(int all) {
        this.all = all;
        this.free = new Semaphore(all, true);
    }

    /// How many there are.
    int all() {
        return all;
    }

    /// Waits for one and takes it.
    void take() throws InterruptedException {
        free.acquire();
    }

    void giveBack() {
        free.release();
    }

    int free() {
        return free.availablePermits();
    }

    int used() {
        return all - free();
    }

    /// How many claimed runs wait for one.
    int queued() {
        return free.getQueueLength();
    }
}
