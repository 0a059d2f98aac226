package dev.sluice.gateway.run;

import dev.sluice.common.run.Failure;

/// Fails a future with what the client is to be told.
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;
    private final boolean denied;

    /// A refusal for this reason.
    public RefusedException(Failure failure) {
        this(failure, false);
    }

    private RefusedException(Failure failure, boolean denied) {
        super(failure.getClass().getSimpleName(), null, false, false);
        this.failure = failure;
        this.denied = denied;
    }

    /// The same for a client that asked for what is another's, and is not told so.
    static RefusedException denied(Failure failure) {
        return new RefusedException(failure, true);
    }

    /// Why.
    public Failure failure() {
        return failure;
    }

    /// Whether the client asked for what is another's.
    public boolean denied() {
        return denied;
    }
}
