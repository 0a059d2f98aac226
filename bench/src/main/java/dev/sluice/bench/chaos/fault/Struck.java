package dev.sluice.bench.chaos.fault;

import java.time.Duration;
import java.time.Instant;

/// A fault that was done.
///
/// @param at when the process was killed, stopped or told to end
/// @param victim the process: a worker by the name that it has in journals
/// @param back after which time the process, or its replacement, served again
public record Struck(FaultKind kind, Instant at, String victim, Duration back) {}
