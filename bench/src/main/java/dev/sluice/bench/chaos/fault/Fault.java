package dev.sluice.bench.chaos.fault;

import java.time.Duration;

/// A fault to come.
///
/// @param target which of the processes of its kind, from 0
/// @param pause how long everything may run before it
/// @param lasts how long a worker is stopped, or Redis or the broker away
public record Fault(FaultKind kind, int target, Duration pause, Duration lasts) {}
