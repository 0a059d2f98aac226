package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.RunId;
import dev.sluice.gateway.dialect.Dialect;
import java.time.Instant;

/// How a client wants a chat completion: `streamedUsage` is `stream_options.include_usage`.
record ChatFormat(boolean streamedUsage) implements Dialect.Format {

    @Override
    public Dialect.Stream stream(RunId run, String agent, Instant created) {
        return new ChatStream(new Head(run, agent, created), streamedUsage);
    }

    @Override
    public Dialect.Whole whole(RunId run, String agent, Instant created) {
        return new ChatWhole(new Head(run, agent, created));
    }

    @Override
    public boolean fromTheStart() {
        return true;
    }
}
