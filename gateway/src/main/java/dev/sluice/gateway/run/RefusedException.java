package dev.sluice.gateway.run;

import dev.sluice.common.run.Failure;

/// Fails a future with what the client is to be told.
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    /// A refusal for this reason.
    public RefusedException(Failure failure) {
        super(failure.getClass().getSimpleName(), null, false, false);
        this.failure = failure;
    }

    /// Why.
    public Failure failure() {
        return failure;
    }
}
