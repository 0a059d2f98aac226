package dev.sluice.bench.chaos.check;

/// Something that must not be.
///
/// @param kind what it counts as
/// @param run the run that it is about; empty where it is about none
/// @param what one line
public record Violation(Kind kind, String run, String what) {
    /// What a violation counts as.
    public enum Kind {
        /// An accepted run that did not come to its end.
        LOST_RUN,
        /// A frame that a client was never shown.
        LOST_FRAME,
        /// A frame that a client was shown twice.
        DOUBLED_FRAME,
        /// A frame that came too late.
        DISORDERED_FRAME,
        /// A tool call that was executed again though it must not be.
        DOUBLED_TOOL_CALL,
        /// A run that was not found though it had been accepted.
        ABSENT_RUN,
        /// Anything else.
        WRONG
    }

    @Override
    public String toString() {
        return run.isEmpty() ? what : run + ": " + what;
    }
}
