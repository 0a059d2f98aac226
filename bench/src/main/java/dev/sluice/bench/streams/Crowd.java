package dev.sluice.bench.streams;

import dev.sluice.bench.fleet.Part;
import dev.sluice.bench.fleet.Uses;
import dev.sluice.bench.load.Measured;
import java.time.Duration;
import java.util.Map;

/// What a number of streams came to on one side in one round.
///
/// @param cpu that each part used meanwhile
/// @param memory resident bytes of each part while they were open
record Crowd(Measured streams, Map<Part, Duration> cpu, Map<Part, Long> memory) {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double THOUSAND = 1_000;

    static Crowd of(Measured streams, Uses since, Uses open) {
        return new Crowd(streams, since.cpu(), open.memory());
    }

    /// CPU time of a part for a thousand tokens, in milliseconds.
    double millisPerThousandTokens(Part part) {
        return cpu.getOrDefault(part, Duration.ZERO).toNanos()
                / NANOS_PER_MILLI
                / (Math.max(1, streams.tokens()) / THOUSAND);
    }

    double millisPerThousandTokens() {
        return cpu.keySet().stream().mapToDouble(this::millisPerThousandTokens).sum();
    }

    /// A part's resident memory, in MiB.
    double mebibytes(Part part) {
        return memory.getOrDefault(part, 0L) / 0x1p20;
    }
}
