package dev.sluice.common.redis;

import dev.sluice.common.redis.RunEntry.Offer;
import dev.sluice.common.redis.RunEntry.StepOffset;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What Redis knows of runs: which attempt is under way and whose it is, whether the run has ended,
/// whether it is to be cancelled, where its steps are in the log. Safe for any thread; nothing
/// blocks.
public final class RunStates {
    /// The lease of the runs that a living worker gave up. Nobody renews it.
    public static final String ABANDONED = "abandoned";

    private static final LuaScript REGISTER = script("register.lua");
    private static final LuaScript OFFERED = script("offered.lua");
    private static final LuaScript WITHDRAW = script("withdraw.lua");
    private static final LuaScript CLAIM = script("claim.lua");
    private static final LuaScript STEP = script("step.lua");
    private static final LuaScript RESTORE = script("restore.lua");
    private static final LuaScript END = script("end.lua");
    private static final LuaScript CANCEL = script("cancel.lua");

    private final Redis redis;
    private final String live;
    private final String ended;

    /// States of runs that take `longest` at the most and are kept for `retention` after their end.
    public RunStates(Redis redis, Duration longest, Duration retention) {
        this.redis = redis;
        this.live = String.valueOf(longest.plus(retention).toMillis());
        this.ended = String.valueOf(retention.toMillis());
    }

    static LuaScript script(String name) {
        return LuaScript.resource(RunStates.class, name);
    }

    /// What making a run known came to.
    public enum Registered {
        /// It was not known.
        NEW,
        /// The same request made it known before.
        JOINED,
        /// Another request made it known before.
        CONFLICT,
        /// Redis lost its data, and whether the run was known is yet to be read from the log.
        UNSURE
    }

    /// Makes a run known before it is published. `digest` is that of the client's request, by which
    /// a second one under the same id is told from a repetition; empty where ids are never shared.
    /// `watchers` is how many watch the run from its beginning on, see [RunWatchers].
    public CompletionStage<Registered> register(RunRequest request, String digest, int watchers) {
        return REGISTER.run(
                        redis.commands(),
                        new String[] {
                            key(request.run()),
                            list(request.key()),
                            epoch(),
                            rebuiltEpoch(),
                            FleetStates.waiting(redis, request.lane())
                        },
                        Stream.concat(
                                        Stream.of(
                                                request.run().value(),
                                                live,
                                                digest,
                                                millis(request.acceptedAt()),
                                                "deadline",
                                                millis(request.deadline()),
                                                "watchers",
                                                String.valueOf(watchers)),
                                        RunEntries.fields(request))
                                .toArray(String[]::new))
                .thenApply(answer ->
                        Registered.valueOf(((String) answer.get(0)).toUpperCase(Locale.ROOT)));
    }

    /// Notes where the offer of a run stands that nobody has claimed yet: whoever asks for the same
    /// run again need not publish it. Answers whether it was noted: not so where the run has been
    /// offered or claimed before, or is not known.
    public CompletionStage<Boolean> offered(RunId run, Offer offer) {
        return OFFERED.run(redis.commands(), new String[] {key(run)}, offer.toString())
                .thenApply(RunStates::yes);
    }

    /// Takes a run back that was made known and could not be published, unless a worker has met it,
    /// or somebody else has published it, all the same.
    public CompletionStage<?> withdraw(RunRequest request) {
        return WITHDRAW.run(
                redis.commands(),
                new String[] {
                    key(request.run()),
                    list(request.key()),
                    FleetStates.waiting(redis, request.lane())
                },
                request.run().value());
    }

    /// Claims a run for `claimId` under a lease. A claim that is made again is the same claim.
    ///
    /// @param maxCrashes how many workers may die of a run, one after the other
    public CompletionStage<Claim> claim(
            RunRequest request, Offer offer, String claimId, String lease, int maxCrashes) {
        return CLAIM.run(
                        redis.commands(),
                        new String[] {
                            key(request.run()),
                            leases(),
                            runsOf(lease),
                            list(request.key()),
                            epoch(),
                            rebuiltEpoch(),
                            FleetStates.waiting(redis, request.lane())
                        },
                        Stream.concat(
                                        Stream.of(
                                                request.run().value(),
                                                String.valueOf(request.attemptFloor()),
                                                claimId,
                                                lease,
                                                millis(request.deadline()),
                                                live,
                                                String.valueOf(maxCrashes),
                                                millis(request.acceptedAt()),
                                                "offer",
                                                offer.toString()),
                                        RunEntries.fields(request))
                                .toArray(String[]::new))
                .thenApply(Claim::of);
    }

    /// What noting a step came to.
    public enum Noted {
        /// The run is still the claimant's.
        OURS,
        /// So it is, and somebody wants it cancelled, which the worker may not have heard.
        CANCELLED,
        /// It is another claimant's, or not known any more.
        NOT
    }

    /// Notes where a step of the run is, unless a later claim holds it.
    public CompletionStage<Noted> step(RunId run, String claimId, StepOffset step) {
        return STEP.run(
                        redis.commands(),
                        new String[] {key(run), steps(run)},
                        claimId,
                        step.toString(),
                        live)
                .thenApply(answer ->
                        switch (((Long) answer.getFirst()).intValue()) {
                            case 1 -> Noted.OURS;
                            case 2 -> Noted.CANCELLED;
                            default -> Noted.NOT;
                        });
    }

    /// Whether a run is still a claimant's. Not so where Redis does not know it any more.
    public CompletionStage<Boolean> holds(RunId run, String claimId) {
        return redis.commands().hget(key(run), "claim").thenApply(claimId::equals);
    }

    /// Notes that the run has ended, unless a later claim holds it. `offset` is that of its
    /// terminal event.
    public CompletionStage<?> end(
            RunId run, String claimId, String lease, RunEntry.Status status, long offset) {
        return END.run(
                redis.commands(),
                new String[] {key(run), steps(run), runsOf(lease)},
                run.value(),
                claimId,
                status.name().toLowerCase(Locale.ROOT),
                String.valueOf(offset),
                ended);
    }

    /// Makes a run known again, after Redis lost what it knew, whose claimant goes on with it.
    /// Returns whether it is still the claimant's.
    public CompletionStage<Boolean> restoreClaimed(
            RunRequest request, Offer offer, int attempt, String claimId, String lease) {
        return restore(
                request,
                offer,
                attempt,
                claimId,
                runsOf(lease),
                Stream.of("state", "claimed", "worker", lease));
    }

    /// Makes a run known again that nobody has, as one that was given up: the next reaper offers it
    /// again. Returns whether it was not known.
    public CompletionStage<Boolean> restoreQueued(
            RunRequest request, Offer offer, int attempt, boolean cancelled) {
        return restore(
                request,
                offer,
                attempt,
                "",
                runsOf(ABANDONED),
                cancelled
                        ? Stream.of("state", "queued", "cancel", "1")
                        : Stream.of("state", "queued"));
    }

    /// Makes a run known again that ended so long ago, for as long as it is still to be. Returns
    /// whether it was not known.
    public CompletionStage<Boolean> restoreEnded(
            RunRequest request,
            Offer offer,
            int attempt,
            RunEntry.State.Ended end,
            Duration ago,
            List<StepOffset> steps) {
        long keep = Math.max(1, Long.parseLong(ended) - ago.toMillis());
        return restore(
                        request,
                        offer,
                        attempt,
                        "",
                        runsOf(""),
                        Stream.of(
                                "state",
                                "ended",
                                "status",
                                end.status().name().toLowerCase(Locale.ROOT),
                                "end",
                                String.valueOf(end.offset()),
                                "ended_at",
                                millis(end.at())))
                .thenCompose(restored -> {
                    if (!restored) {
                        return CompletableFuture.completedStage(false);
                    }
                    CompletionStage<Boolean> kept =
                            redis.commands().pexpire(key(request.run()), keep);
                    if (steps.isEmpty()) {
                        return kept;
                    }
                    redis.commands()
                            .rpush(
                                    steps(request.run()),
                                    steps.stream()
                                            .map(StepOffset::toString)
                                            .toArray(String[]::new));
                    return redis.commands().pexpire(steps(request.run()), keep);
                });
    }

    private CompletionStage<Boolean> restore(
            RunRequest request,
            Offer offer,
            int attempt,
            String claimId,
            String runsOfLease,
            Stream<String> more) {
        return RESTORE.run(
                        redis.commands(),
                        new String[] {
                            key(request.run()),
                            list(request.key()),
                            runsOfLease,
                            reaping(),
                            FleetStates.waiting(redis, request.lane())
                        },
                        Stream.of(
                                        Stream.of(
                                                request.run().value(),
                                                claimId,
                                                String.valueOf(attempt),
                                                live,
                                                millis(request.acceptedAt()),
                                                "deadline",
                                                millis(request.deadline()),
                                                "offer",
                                                offer.toString()),
                                        RunEntries.fields(request),
                                        more)
                                .flatMap(part -> part)
                                .toArray(String[]::new))
                .thenApply(RunStates::yes);
    }

    /// Sets the flag that cancels a run. Answers whether the run had not ended.
    public CompletionStage<Boolean> cancel(RunId run) {
        return cancel(run, "");
    }

    /// The same, unless somebody watches the run, see [RunWatchers].
    public CompletionStage<Boolean> cancelUnwatched(RunId run) {
        return cancel(run, "unwatched");
    }

    private CompletionStage<Boolean> cancel(RunId run, String unless) {
        return CANCEL.run(
                        redis.commands(),
                        FleetStates.withWaiting(redis, key(run)),
                        run.value(),
                        live,
                        unless)
                .thenApply(RunStates::yes);
    }

    static boolean yes(List<Object> answer) {
        return (Long) answer.getFirst() == 1;
    }

    /// What is known of a run, if anything is.
    public CompletionStage<Optional<RunEntry>> find(RunId run) {
        CompletableFuture<Map<String, String>> fields =
                redis.commands().hgetall(key(run)).toCompletableFuture();
        CompletableFuture<List<String>> steps =
                redis.commands().lrange(steps(run), 0, -1).toCompletableFuture();
        return fields.thenCombine(steps, (known, index) -> RunEntries.entry(run, known, index));
    }

    /// Whether all runs are known that should be: not so while what Redis lost is yet to be read
    /// from the log.
    public CompletionStage<Boolean> complete() {
        return redis.commands()
                .mget(epoch(), rebuiltEpoch())
                .thenApply(both ->
                        both.get(0).hasValue()
                                && both.get(0).getValue().equals(both.get(1).getValueOrElse("")));
    }

    /// The key of the name of the data that Redis has: another one means that it lost the former.
    public String epoch() {
        return redis.key("epoch", "data");
    }

    /// The key of the epoch whose runs are all known.
    public String rebuiltEpoch() {
        return redis.key("epoch", "rebuilt");
    }

    /// The key of a run's hash.
    public String key(RunId run) {
        return redis.key("run", run.value());
    }

    /// The key of the list of a run's steps.
    public String steps(RunId run) {
        return redis.key("steps", run.value());
    }

    /// The key of the sorted set of the runs that a client's key started, by when.
    public String list(@Nullable String key) {
        return redis.key("runs", key == null ? "-" : key);
    }

    /// The key of the sorted set of leases, by when they run out.
    public String leases() {
        return redis.key("leases", "live");
    }

    /// The key of the sorted set of leases whose runs are being offered again, by when another
    /// reaper may take them.
    public String reaping() {
        return redis.key("leases", "reaping");
    }

    /// The key of the set of the runs that were claimed under a lease.
    public String runsOf(String lease) {
        return redis.key("lease", lease);
    }

    private static String millis(Instant at) {
        return String.valueOf(at.toEpochMilli());
    }
}
