package dev.sluice.bench.latency;

import java.time.Duration;

/// How much is measured.
///
/// @param rounds of all sides under all loads
/// @param time of each side under each load in each round
/// @param warmUp each slice of it, for each side with each question before anything counts
public record LatencyPlan(int rounds, Duration time, Duration warmUp) {}
