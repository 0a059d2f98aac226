package dev.sluice.gateway.http;

import dev.sluice.common.run.Usage;
import java.time.Duration;

/// What is counted of one answer. A run that several watch is counted for the one that started it.
/// One thread at a time.
final class AnswerMeters {
    private final GatewayMeters meters;
    private final String agent;
    private final boolean started;
    private final long since = System.nanoTime();
    private boolean begun;

    AnswerMeters(GatewayMeters meters, Watched watched) {
        this.meters = meters;
        this.agent = watched.agent();
        this.started = watched.started();
    }

    /// The client is about to see something.
    void began() {
        if (started && !begun) {
            meters.firstEvent(agent, Duration.ofNanos(System.nanoTime() - since));
        }
        begun = true;
    }

    /// The run ended, and took so many tokens.
    void used(Usage usage) {
        if (started) {
            meters.used(agent, usage);
        }
    }

    /// The client reads so slowly that it fell behind.
    void fellBehind() {
        meters.fellBehind();
    }
}
