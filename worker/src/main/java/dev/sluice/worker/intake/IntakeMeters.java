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
import java.util.Locale;

/// What a worker counts of its runs.
final class IntakeMeters {
    private final MeterRegistry registry;
    private final DistributionSummary batches;

    IntakeMeters(MeterRegistry registry, Slots slots) {
        this.registry = registry;
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

    void ended(RunEvent end, Duration took) {
        String outcome = RunEntry.Status.of(end).name().toLowerCase(Locale.ROOT);
        Timer.builder("sluice.runs")
                .description("Runs by how they ended, and how long they took")
                .tag("outcome", outcome)
                .register(registry)
                .record(took);
    }
}
