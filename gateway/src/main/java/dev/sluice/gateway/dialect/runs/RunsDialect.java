package dev.sluice.gateway.dialect.runs;

import dev.sluice.common.run.Failure;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.dialect.chat.ChatDialect;
import io.vertx.core.buffer.Buffer;

/// `POST /v1/runs` and what belongs to it: a chat completion's body and errors, with the run as its
/// answer, or the run's events.
public final class RunsDialect implements Dialect {
    private final ChatDialect chat = new ChatDialect();

    @Override
    public Parsed parse(Buffer body) {
        return chat.parseRun(body, new EventsFormat());
    }

    @Override
    public ErrorResponse error(Failure failure, boolean acted) {
        return chat.error(failure, acted);
    }

    /// A run's events as they are.
    public Format events() {
        return new EventsFormat();
    }
}
