package dev.sluice.bench.start;

import java.time.Duration;

/// How much is measured.
///
/// @param starts one after the other, each on a folder of its own
/// @param idle how long each has nothing to do before its memory is looked at
public record StartPlan(int starts, Duration idle) {}
