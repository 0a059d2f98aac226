package dev.sluice.bench.chaos;

import dev.sluice.bench.chaos.fault.Mix;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A trial to be made.
///
/// @param kills how many faults
/// @param streams how many clients are at work throughout
/// @param seed of everything that is left to chance
/// @param folder of all data and logs; made by the trial, and removed if it was clean
/// @param searchPath the value of the environment variable `PATH`, for a redis-server
/// @param beside another checkout of Sluice, whose workers take turns with this one's
public record ChaosPlan(
        int kills,
        int streams,
        long seed,
        Mix mix,
        Path folder,
        @Nullable String searchPath,
        @Nullable Path beside) {}
