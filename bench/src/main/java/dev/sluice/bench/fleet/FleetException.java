package dev.sluice.bench.fleet;

import org.jspecify.annotations.Nullable;

/// A process that does not do what it should: it does not start, does not end, or ended by itself.
/// The message is for people and names the process and its log.
public final class FleetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public FleetException(String message) {
        super(message);
    }

    public FleetException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
