package dev.sluice.common;

/// A process cannot start, for a reason that its operator can mend. The message says which, in one
/// line, and is printed as it is.
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// A refusal to start.
    public StartException(String message) {
        super(message);
    }

    /// A refusal to start, with what caused it for the debug log.
    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
