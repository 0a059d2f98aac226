package dev.sluice.worker.run;

import dev.sluice.common.run.RunEvent;

/// Where an attempt says what happened: the run's events, which are numbered in the order in which
/// they are told. Safe for any thread.
public interface Journal {
    /// Tells an event without waiting. Does not block. Pieces of a turn are gathered until
    /// [#flush()] or until something else is told.
    ///
    /// @throws LostException if an earlier event could not be written
    /// @throws OversizedException if it is larger than the log takes
    void tell(RunEvent event);

    /// Sends on the pieces that were told. Does not block.
    ///
    /// @throws LostException if an earlier event could not be written
    void flush();

    /// Tells an event and waits until it, and all before it, cannot be lost any more. Blocks.
    ///
    /// @throws LostException if one of them could not be written
    /// @throws OversizedException if it is larger than the log takes
    void commit(RunEvent event) throws InterruptedException;

    /// An event could not be written, which ends the attempt: nothing may be missing in a journal.
    final class LostException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /// An end of the attempt, with its cause.
        public LostException(Throwable cause) {
            super("the journal could not be written", cause);
        }
    }

    /// An event is larger than the log takes, and always will be. It was left out, and the journal
    /// goes on without it.
    final class OversizedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /// A complaint of an event's size, both in bytes.
        public OversizedException(int size, int most) {
            super(
                    "an event of %d bytes is larger than the %d that a record may have: gateway.max_body raises that"
                            .formatted(size, most));
        }
    }
}
