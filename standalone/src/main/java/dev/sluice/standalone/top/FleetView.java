package dev.sluice.standalone.top;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a gateway's `GET /admin/queue` says, as far as it is shown here. What a gateway of another
/// version does not say is 0 or empty.
record FleetView(
        Map<String, Queue> lanes, Slots slots, List<Worker> workers, List<SlowRun> slowest) {

    /// A lane: what waits and what executes.
    record Queue(
            long waiting,
            long oldestWaitMs,
            long waitingOnWorkers,
            long executing,
            long slots,
            double endedPerSecond,
            double failedPerSecond) {}

    /// The slots of all workers.
    record Slots(long total, long used) {}

    /// A worker.
    record Worker(
            String id,
            @Nullable Long lastBeatMs,
            boolean live,
            @Nullable String version,
            boolean draining,
            long slots,
            long used,
            long waiting,
            double endedPerSecond) {
        Worker {
            id = id == null ? "" : id;
        }
    }

    /// A run that executes.
    record SlowRun(
            String run, String agent, String lane, int attempt, String worker, long executingMs) {}

    FleetView {
        lanes = lanes == null ? Map.of() : lanes;
        lanes.values().forEach(Objects::requireNonNull);
        slots = slots == null ? new Slots(0, 0) : slots;
        workers = workers == null ? List.of() : List.copyOf(workers);
        slowest = slowest == null ? List.of() : List.copyOf(slowest);
    }

    /// How many workers live.
    long alive() {
        return workers.stream().filter(Worker::live).count();
    }
}
