package dev.sluice.worker.intake;

import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunEvent;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// What a worker counts of its runs.
final class IntakeMeters {
    private final MeterRegistry registry;
    private final DistributionSummary batches;
    private final Map<Lane, Pace> ended = new EnumMap<>(Lane.class);
    private final Map<Lane, Pace> failed = new EnumMap<>(Lane.class);

    IntakeMeters(MeterRegistry registry, Slots slots, ActiveRuns active) {
        this.registry = registry;
        for (Lane lane : Lane.values()) {
            ended.put(lane, new Pace());
            failed.put(lane, new Pace());
        }
        this.batches =
                DistributionSummary.builder("sluice.worker.batch.size")
                        .description("Offers that one poll of the share group brought")
                        .register(registry);
        Gauge.builder("sluice.worker.slots.used", slots, Slots::used)
                .description("Slots in which a run executes")
                .register(registry);
        Gauge.builder("sluice.worker.slots.free", slots, Slots::free)
                .description("Slots that are free")
                .register(registry);
        Gauge.builder("sluice.worker.runs.queued", slots, Slots::queued)
                .description("Claimed runs that wait for a slot")
                .register(registry);
        Gauge.builder("sluice.worker.runs.untold", active, ActiveRuns::untold)
                .description("Runs that ended of which the audit stream or Redis is yet to know")
                .register(registry);
    }

    void batch(int size) {
        batches.record(size);
    }

    /// A run that nobody had begun before has a slot. When it was accepted is by its gateway's
    /// clock, which may be ahead.
    void waited(Lane lane, Instant accepted, Instant now) {
        Duration wait = now.isBefore(accepted) ? Duration.ZERO : Duration.between(accepted, now);
        Timer.builder("sluice.worker.wait")
                .description("From a run's acceptance until it first has a slot")
                .tag("lane", lane.wireName())
                .register(registry)
                .record(wait);
    }

    /// How many runs of a lane end here.
    Pace ended(Lane lane) {
        return Objects.requireNonNull(ended.get(lane));
    }

    /// How many of these fail.
    Pace failed(Lane lane) {
        return Objects.requireNonNull(failed.get(lane));
    }

    /// A run was taken up after another attempt.
    void resumed() {
        registry.counter("sluice.worker.runs.resumed").increment();
    }

    /// An attempt was left to another worker.
    void abandoned() {
        registry.counter("sluice.worker.runs.abandoned").increment();
    }

    /// A run of a worker that is gone, or that was given up, was offered again.
    void offeredAgain() {
        registry.counter("sluice.worker.runs.offered.again").increment();
    }

    /// A run of which too many workers died went to the dead-letter topic.
    void buried() {
        registry.counter("sluice.worker.runs.dead").increment();
    }

    void leaseLost() {
        registry.counter("sluice.worker.leases.lost").increment();
    }

    void refused() {
        registry.counter("sluice.worker.claims.refused").increment();
    }

    void ended(Lane lane, RunEvent end, Duration took) {
        ended(lane).count();
        if (end instanceof RunEvent.RunFailed) {
            failed(lane).count();
        }
        String outcome = RunEntry.Status.of(end).name().toLowerCase(Locale.ROOT);
        Timer.builder("sluice.runs")
                .description("Runs by how they ended, and how long they took")
                .tag("outcome", outcome)
                .register(registry)
                .record(took);
    }
}
