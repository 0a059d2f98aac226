package dev.sluice.gateway.admin;

import dev.sluice.common.redis.FleetStates.Seen;
import dev.sluice.common.redis.WorkerReport;
import dev.sluice.common.run.Lane;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at the fleet, afresh for whoever asks, and from time to time for metrics. Every gateway
/// sees the same fleet, and so its metrics say the same. Safe for any thread; nothing blocks.
///
/// What was seen counts for five seconds; from then on, while Redis is away, metrics are not a
/// number, so that nobody scales a fleet by what was once so.
public final class FleetWatch {
    private static final Logger LOG = LoggerFactory.getLogger(FleetWatch.class);
    private static final long GOOD_FOR = Duration.ofSeconds(5).toNanos();

    private final Supplier<CompletionStage<Seen>> fleet;
    private final LongSupplier nanoTime;
    private volatile @Nullable Look last;

    private record Look(Seen seen, long at) {}

    /// A watch whose metrics go to this registry.
    ///
    /// @param fleet looks at the fleet
    /// @param nanoTime a clock like [System#nanoTime()]
    public FleetWatch(
            Supplier<CompletionStage<Seen>> fleet, MeterRegistry registry, LongSupplier nanoTime) {
        this.fleet = fleet;
        this.nanoTime = nanoTime;
        for (Lane lane : Lane.values()) {
            gauge("sluice.queue.waiting", seen -> seen.queue(lane).waiting())
                    .description("Runs in the fleet that wait for a worker")
                    .tag("lane", lane.wireName())
                    .register(registry);
            gauge("sluice.queue.executing", seen -> seen.executing(lane))
                    .description("Runs in the fleet that have a slot")
                    .tag("lane", lane.wireName())
                    .register(registry);
            gauge("sluice.queue.demand", seen -> seen.demand(lane))
                    .description("Slots that the runs in the fleet would take")
                    .tag("lane", lane.wireName())
                    .register(registry);
            TimeGauge.builder(
                            "sluice.queue.oldest.wait",
                            this,
                            TimeUnit.MILLISECONDS,
                            watch -> watch.value(seen -> seen.queue(lane).oldest().toMillis()))
                    .description("How long the run that waits longest for a worker has waited")
                    .tag("lane", lane.wireName())
                    .register(registry);
            gauge("sluice.fleet.slots", seen -> seen.slots(lane))
                    .description("Slots in the fleet that runs of a lane may take")
                    .tag("lane", lane.wireName())
                    .register(registry);
        }
        gauge("sluice.fleet.slots.used", seen -> seen.reports().mapToInt(WorkerReport::used).sum())
                .description("Slots in the fleet in which a run executes")
                .register(registry);
        gauge("sluice.fleet.workers", seen -> seen.reports().count())
                .description("Workers that live")
                .register(registry);
    }

    private Gauge.Builder<FleetWatch> gauge(String name, ToDoubleFunction<Seen> figure) {
        return Gauge.builder(name, this, watch -> watch.value(figure));
    }

    private double value(ToDoubleFunction<Seen> figure) {
        Look look = last;
        return look == null || nanoTime.getAsLong() - look.at() > GOOD_FOR
                ? Double.NaN
                : figure.applyAsDouble(look.seen());
    }

    /// Looks at the fleet for somebody. Completes on `context`.
    public Future<Seen> look(Context context) {
        return Future.fromCompletionStage(fleet.get(), context).onSuccess(this::saw);
    }

    /// Looks at it for metrics.
    public void refresh() {
        fleet.get()
                .thenAccept(this::saw)
                .exceptionally(failure -> {
                    LOG.atDebug().setCause(failure).log("the fleet is not seen");
                    return null;
                });
    }

    private void saw(Seen seen) {
        last = new Look(seen, nanoTime.getAsLong());
    }
}
