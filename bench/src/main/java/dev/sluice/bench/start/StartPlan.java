package dev.sluice.bench.start;

import java.time.Duration;

/// How much is measured.
///
/// @param starts in each way, one after the other, each on a folder of its own
/// @param idle how long each has nothing to do before its memory is looked at
/// @param cached whether starts with the AOT cache are measured beside those without
public record StartPlan(int starts, Duration idle, boolean cached) {}
