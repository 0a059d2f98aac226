package dev.sluice.embedded;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/// An embedded part that did not start. The message is one line for the person at the terminal and
/// names the folder, port or program at fault.
public final class EmbeddedStartException extends RuntimeException {

    @Serial private static final long serialVersionUID = 1L;

    EmbeddedStartException(String message) {
        super(message);
    }

    EmbeddedStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
