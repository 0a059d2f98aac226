package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.Failure;
import org.jspecify.annotations.Nullable;

/// Ends the reading of a request at the first thing that is wrong with it. It never leaves
/// [ChatDialect].
final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure.InvalidRequest refusal;

    RefusedException(@Nullable String param, String problem, @Nullable String code) {
        super(problem, null, false, false);
        refusal = new Failure.InvalidRequest(param, problem, code);
    }

    Failure refusal() {
        return refusal;
    }
}
