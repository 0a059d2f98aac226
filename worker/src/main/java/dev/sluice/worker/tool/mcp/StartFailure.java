package dev.sluice.worker.tool.mcp;

import org.jspecify.annotations.Nullable;

/// A server could not be started or reached. The message says why, for the log, and holds nothing
/// that the server or the configuration might want kept.
final class StartFailure extends Exception {
    private static final long serialVersionUID = 1L;

    StartFailure(String reason, @Nullable Throwable cause) {
        super(reason, cause);
    }

    StartFailure(String reason) {
        this(reason, null);
    }
}
