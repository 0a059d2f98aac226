package dev.sluice.common.journal;

/// Thrown where the log was asked for what it no longer has.
public final class ForgottenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Says where the log begins.
    public ForgottenException(int partition, long offset, long start) {
        super("partition %d begins at %d, after %d".formatted(partition, start, offset));
    }
}
