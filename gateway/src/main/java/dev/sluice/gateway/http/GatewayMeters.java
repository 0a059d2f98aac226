package dev.sluice.gateway.http;

import dev.sluice.common.run.Usage;
import dev.sluice.gateway.http.access.Admission;
import dev.sluice.gateway.http.access.Backlog;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// What a gateway counts, over all its event loops. Safe for any thread.
public final class GatewayMeters {
    private final MeterRegistry registry;
    private final AtomicInteger attached = new AtomicInteger();

    /// Counts in this registry.
    public GatewayMeters(MeterRegistry registry, Admission admission, Backlog backlog) {
        this.registry = registry;
        Gauge.builder("sluice.gateway.waiting", admission, Admission::waiting)
                .description("Runs whose clients wait at this gateway")
                .register(registry);
        TimeGauge.builder(
                        "sluice.gateway.oldest.wait",
                        backlog,
                        TimeUnit.NANOSECONDS,
                        it -> it.oldest().toNanos())
                .description("How long the oldest interactive run has waited for a worker")
                .register(registry);
        Gauge.builder("sluice.gateway.attached", attached, AtomicInteger::get)
                .description("Clients that watch a run which they did not start just now")
                .register(registry);
    }

    /// A client attached to a run, or left one that it had attached to.
    void attached(int more) {
        attached.addAndGet(more);
    }

    /// A request joined the run that its idempotency key had started before.
    void joined() {
        registry.counter("sluice.runs.joined").increment();
    }

    /// A request that was answered. `route` is a route of ours, never a client's own text.
    void answered(String route, int status, Duration took) {
        Timer.builder("sluice.http.requests")
                .description("Requests by route and status, and how long they took")
                .tag("route", route)
                .tag("status", String.valueOf(status))
                .publishPercentileHistogram(false)
                .register(registry)
                .record(took);
    }

    /// The first event that a client got to see of a run.
    void firstEvent(String agent, Duration since) {
        Timer.builder("sluice.run.first.event")
                .description("From a request to the first thing its client sees of the run")
                .tag("agent", agent)
                .register(registry)
                .record(since);
    }

    /// The tokens of a run that ended.
    void used(String agent, Usage usage) {
        registry.counter("sluice.run.tokens", "agent", agent, "kind", "input")
                .increment((double) usage.input());
        registry.counter("sluice.run.tokens", "agent", agent, "kind", "output")
                .increment((double) usage.output());
    }

    /// A stream whose client reads so slowly that it fell behind.
    void fellBehind() {
        registry.counter("sluice.streams.behind").increment();
    }
}
