package dev.sluice.gateway.http;

import dev.sluice.common.run.RunId;
import dev.sluice.common.run.Usage;
import dev.sluice.gateway.http.access.Backlog;
import java.time.Duration;

/// What is counted of one answer. A run that several watch is counted for the one that started it.
/// One thread at a time.
final class AnswerMeters {
    private final GatewayMeters meters;
    private final Backlog backlog;
    private final RunId run;
    private final String agent;
    private final boolean started;
    private final long since = System.nanoTime();
    private boolean seen;

    AnswerMeters(GatewayMeters meters, Backlog backlog, Watched watched) {
        this.meters = meters;
        this.backlog = backlog;
        this.run = watched.run();
        this.agent = watched.agent();
        this.started = watched.started();
    }

    /// A worker has begun the run.
    void begun() {
        if (started) {
            backlog.remove(run);
        }
    }

    /// The client is about to see something.
    void began() {
        if (started && !seen) {
            meters.firstEvent(agent, Duration.ofNanos(System.nanoTime() - since));
        }
        seen = true;
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
