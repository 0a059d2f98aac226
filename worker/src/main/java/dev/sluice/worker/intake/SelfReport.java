package dev.sluice.worker.intake;

import dev.sluice.common.Version;
import dev.sluice.common.redis.WorkerReport;
import dev.sluice.common.redis.WorkerReport.Executing;
import dev.sluice.common.redis.WorkerReport.Load;
import dev.sluice.common.run.Lane;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/// What this worker says of itself with its beats. Asked by one thread.
final class SelfReport implements Supplier<WorkerReport> {
    private static final int LONGEST = 5;

    private final Slots slots;
    private final ActiveRuns active;
    private final IntakeMeters meters;
    private volatile boolean draining;

    SelfReport(Slots slots, ActiveRuns active, IntakeMeters meters) {
        this.slots = slots;
        this.active = active;
        this.meters = meters;
    }

    /// The worker takes no more runs.
    void draining() {
        draining = true;
    }

    @Override
    public WorkerReport get() {
        long now = System.nanoTime();
        return new WorkerReport(
                Version.current(),
                draining,
                slots.all(),
                slots.of(Lane.BATCH),
                load(Lane.INTERACTIVE, now),
                load(Lane.BATCH, now),
                longest(now));
    }

    private Load load(Lane lane, long now) {
        return new Load(
                slots.used(lane),
                slots.queued(lane),
                meters.ended(lane).perSecond(now),
                meters.failed(lane).perSecond(now));
    }

    private List<Executing> longest(long now) {
        return active.all().stream()
                .flatMap(task -> task.executing(now).stream())
                .sorted(Comparator.comparingLong(Executing::millis).reversed())
                .limit(LONGEST)
                .toList();
    }
}
