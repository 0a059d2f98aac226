package dev.sluice.worker.lease;

import dev.sluice.common.redis.FleetStates;
import dev.sluice.common.redis.LuaScript;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.redis.WorkerReport;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunId;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The workers' leases in Redis: who lives, whose runs are to be given to others, and which runs
/// were given up. Safe for any thread; nothing blocks.
public final class Leases {
    private static final LuaScript BEAT = LuaScript.resource(Leases.class, "beat.lua");
    private static final LuaScript TAKE = LuaScript.resource(Leases.class, "take.lua");
    private static final LuaScript RELEASE = LuaScript.resource(Leases.class, "release.lua");
    private static final LuaScript LEAVE = LuaScript.resource(Leases.class, "leave.lua");
    private static final LuaScript ABANDON = LuaScript.resource(Leases.class, "abandon.lua");

    private final Redis redis;
    private final RunStates states;
    private final String ttl;
    private final String hold;

    /// Leases that run out `ttl` after a beat. A reaper that has not come to its end after twice
    /// that is taken for dead itself.
    public Leases(Redis redis, RunStates states, Duration ttl) {
        this.redis = redis;
        this.states = states;
        this.ttl = String.valueOf(ttl.toMillis());
        this.hold = String.valueOf(ttl.toMillis() * 2);
    }

    /// What a beat came to.
    ///
    /// @param held whether the lease is the worker's; if not, a reaper has taken it for good
    /// @param epoch names the data that Redis has: another one means that it lost the former
    /// @param age for how long Redis has had that data
    record Beat(boolean held, String epoch, Duration age) {}

    /// A lease that has run out, and the runs that were claimed under it.
    public record Taken(String lease, List<RunId> runs) {}

    /// Renews a lease; begins it where the worker knows no epoch yet, or another one. Leaves word
    /// of how the worker does, which goes with the lease; null if that cannot be said.
    CompletionStage<Beat> beat(String lease, String knownEpoch, @Nullable WorkerReport report) {
        return BEAT.run(
                        redis.commands(),
                        new String[] {states.leases(), states.epoch(), FleetStates.reports(redis)},
                        lease,
                        ttl,
                        knownEpoch,
                        HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()),
                        report == null ? "" : Json.MAPPER.writeValueAsString(report))
                .thenApply(answer ->
                        new Beat(
                                (Long) answer.get(0) == 1,
                                (String) answer.get(1),
                                Duration.ofMillis((Long) answer.get(2))));
    }

    /// Takes one lease that has run out, if there is any; only of those that somebody has judged
    /// already where `judged`.
    public CompletionStage<Optional<Taken>> take(boolean judged) {
        return TAKE.run(
                        redis.commands(),
                        new String[] {
                            states.leases(), states.reaping(), FleetStates.reports(redis)
                        },
                        hold,
                        states.runsOf(""),
                        judged ? "1" : "")
                .thenApply(answer ->
                        answer.isEmpty()
                                ? Optional.empty()
                                : Optional.of(
                                        new Taken(
                                                (String) answer.getFirst(),
                                                answer.stream()
                                                        .skip(1)
                                                        .map(run -> new RunId((String) run))
                                                        .toList())));
    }

    /// Lets go of a run of a taken lease, which was offered again for attempts above `attempt`.
    CompletionStage<?> release(String lease, RunId run, int attempt) {
        return release(lease, states.key(run), run.value(), attempt);
    }

    /// Lets go of a taken lease. What is left of its runs is taken again.
    CompletionStage<?> release(String lease) {
        return release(lease, states.runsOf(lease), "", 0);
    }

    private CompletionStage<?> release(String lease, String key, String run, int attempt) {
        return RELEASE.run(
                redis.commands(),
                FleetStates.withWaiting(redis, key, states.runsOf(lease), states.reaping()),
                run,
                lease,
                String.valueOf(attempt));
    }

    /// Gives up a run that is still the claimant's: the next reaper offers it again.
    public CompletionStage<?> abandon(RunId run, String claimId, String lease) {
        return ABANDON.run(
                redis.commands(),
                FleetStates.withWaiting(
                        redis,
                        states.key(run),
                        states.runsOf(lease),
                        states.runsOf(RunStates.ABANDONED),
                        states.reaping()),
                run.value(),
                claimId,
                RunStates.ABANDONED);
    }

    /// Ends a lease. Runs that are left under it are given to others at once.
    public CompletionStage<?> end(String lease) {
        return LEAVE.run(
                redis.commands(),
                new String[] {
                    states.leases(),
                    states.runsOf(lease),
                    states.reaping(),
                    FleetStates.reports(redis)
                },
                lease);
    }
}
