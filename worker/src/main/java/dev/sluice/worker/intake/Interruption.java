package dev.sluice.worker.intake;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.journal.KafkaJournal;
import org.jspecify.annotations.Nullable;

/// What stops an attempt from outside, from when it is offered until it writes the run's end. Safe
/// for any thread; nothing blocks.
final class Interruption {
    private @Nullable Reason reason;
    private @Nullable Thread thread;
    private @Nullable KafkaJournal journal;
    private boolean ending;

    /// Why an attempt is stopped.
    enum Reason {
        /// Somebody cancelled the run.
        CANCELLED,
        /// Its deadline passed.
        EXPIRED,
        /// The worker shuts down and waits no longer: the run is another worker's.
        DRAINED,
        /// Its journal could not be written: the run is another worker's.
        LOST,
        /// The run is another worker's already.
        SUPERSEDED
    }

    /// Stops the attempt, whether it executes or is still to; the first reason counts, and none
    /// does once the attempt is ending. One that is superseded writes nothing more.
    synchronized void stop(Reason why) {
        if (why == Reason.SUPERSEDED) {
            mute();
        }
        if (reason == null && !ending) {
            reason = why;
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    /// Names the journal that an attempt writes.
    synchronized void writes(KafkaJournal opened) {
        journal = opened;
        if (isSuperseded()) {
            mute();
        }
    }

    /// Has the journal take nothing more.
    synchronized void mute() {
        if (journal != null) {
            journal.mute();
        }
    }

    /// From here on a stop interrupts the calling thread.
    ///
    /// @throws InterruptedException if there was one already
    synchronized void begin() throws InterruptedException {
        check();
        thread = Thread.currentThread();
    }

    /// @throws InterruptedException if the attempt is to stop
    synchronized void check() throws InterruptedException {
        if (reason != null) {
            throw new InterruptedException();
        }
    }

    /// From here on nothing interrupts the calling thread any more.
    synchronized void beginEnding() {
        ending = true;
        Thread.interrupted();
    }

    synchronized boolean isEnding() {
        return ending;
    }

    synchronized boolean isStopped() {
        return reason != null;
    }

    synchronized boolean isSuperseded() {
        return reason == Reason.SUPERSEDED;
    }

    /// The end that a stop makes of the run.
    ///
    /// @throws InterruptedException if it makes none, because the run is another worker's
    synchronized RunEvent end(Usage usage) throws InterruptedException {
        return switch (reason) {
            case CANCELLED -> new RunEvent.RunCancelled(usage);
            case EXPIRED -> new RunEvent.RunFailed(new Failure.DeadlineExceeded(), usage);
            case DRAINED, LOST, SUPERSEDED -> throw new InterruptedException();
            case null -> new RunEvent.RunFailed(new Failure.Internal(), usage);
        };
    }
}
