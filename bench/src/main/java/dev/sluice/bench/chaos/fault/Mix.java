package dev.sluice.bench.chaos.fault;

import java.util.List;
import java.util.Locale;

/// Which kinds of faults there are to be.
public enum Mix {
    /// All of them.
    ALL,
    /// Workers are killed.
    WORKER,
    /// Gateways are killed.
    GATEWAY,
    /// Redis is killed, and comes back with its data or without.
    REDIS,
    /// The broker is killed.
    BROKER,
    /// Workers are stopped past their lease.
    PAUSE,
    /// Workers are drained.
    DRAIN;

    List<FaultKind> kinds() {
        return switch (this) {
            case ALL -> List.of(FaultKind.values());
            case WORKER -> List.of(FaultKind.WORKER_KILL);
            case GATEWAY -> List.of(FaultKind.GATEWAY_KILL);
            case REDIS -> List.of(FaultKind.REDIS_KILL, FaultKind.REDIS_EMPTIED);
            case BROKER -> List.of(FaultKind.BROKER_KILL);
            case PAUSE -> List.of(FaultKind.WORKER_PAUSE);
            case DRAIN -> List.of(FaultKind.WORKER_DRAIN);
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
