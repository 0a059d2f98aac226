package dev.sluice.worker.intake;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import dev.sluice.common.Version;
import dev.sluice.common.redis.WorkerReport;
import dev.sluice.common.redis.WorkerReport.Executing;
import dev.sluice.common.redis.WorkerReport.Load;
import dev.sluice.common.run.Lane;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// What this worker says of itself with its beats. Asked by one thread.
final class SelfReport implements Supplier<WorkerReport> {
    private static final int LONGEST = 5;

    private final Slots slots;
    private final ActiveRuns active;
    private final IntakeMeters meters;
    private final BooleanSupplier draining;

    /// @param draining whether the worker takes no more runs, as one whose intake has failed
    SelfReport(Slots slots, ActiveRuns active, IntakeMeters meters, BooleanSupplier draining) {
        this.slots = slots;
        this.active = active;
        this.meters = meters;
        this.draining = draining;
    }

    @Override
    public WorkerReport get() {
        long now = System.nanoTime();
        return new WorkerReport(
                Version.current(),
                draining.getAsBoolean(),
                slots.all(),
                slots.of(Lane.BATCH),
                load(Lane.INTERACTIVE, now),
                load(Lane.BATCH, now),
                longest(now));
    }

    private Load load(Lane lane, long now) {
        Map<RunTask.Phase, Long> runs =
                active.all().stream()
                        .filter(task -> task.lane() == lane)
                        .collect(groupingBy(RunTask::phase, counting()));
        return new Load(
                Math.toIntExact(runs.getOrDefault(RunTask.Phase.EXECUTING, 0L)),
                Math.toIntExact(runs.getOrDefault(RunTask.Phase.WAITING, 0L)),
                Math.toIntExact(runs.getOrDefault(RunTask.Phase.ENDING, 0L)),
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
