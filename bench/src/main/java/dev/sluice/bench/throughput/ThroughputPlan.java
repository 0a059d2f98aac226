package dev.sluice.bench.throughput;

import java.time.Duration;
import java.util.List;

/// How much is measured.
///
/// @param rounds of all numbers of workers with all kinds of runs
/// @param time of each in each round
/// @param warmUp each slice of it, for each kind whenever workers have been started
/// @param workers how many there are, by turns, from few to many
/// @param slots of each worker
/// @param modelDelay for which the model is silent before each answer of one turn; where it is not
///   0, tool loops are left out
public record ThroughputPlan(
        int rounds,
        Duration time,
        Duration warmUp,
        List<Integer> workers,
        int slots,
        Duration modelDelay) {
    public ThroughputPlan {
        workers = List.copyOf(workers);
    }
}
