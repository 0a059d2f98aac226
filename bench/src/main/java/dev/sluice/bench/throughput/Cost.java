package dev.sluice.bench.throughput;

import dev.sluice.bench.fleet.Part;
import dev.sluice.bench.fleet.Uses;
import dev.sluice.bench.load.Measured;
import java.time.Duration;
import java.util.Map;

/// What one kind of runs came to with some number of workers in one round.
///
/// @param cpu that each part used meanwhile
record Cost(Measured runs, Map<Part, Duration> cpu) {
    private static final double NANOS_PER_MILLI = 1e6;

    static Cost of(Measured runs, Uses uses) {
        return new Cost(runs, uses.cpu());
    }

    /// CPU time of a part for each run, in milliseconds.
    double millisPerRun(Part part) {
        return cpu.getOrDefault(part, Duration.ZERO).toNanos()
                / NANOS_PER_MILLI
                / Math.max(1, runs.ended());
    }

    /// CPU time of all parts for each run, in milliseconds.
    double millisPerRun() {
        return cpu.keySet().stream().mapToDouble(this::millisPerRun).sum();
    }
}
