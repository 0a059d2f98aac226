package dev.sluice.common.redis;

import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import java.time.Duration;
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
    private static final LuaScript REGISTER = script("register.lua");
    private static final LuaScript CLAIM = script("claim.lua");
    private static final LuaScript STEP = script("step.lua");
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

    private static LuaScript script(String name) {
        return LuaScript.resource(RunStates.class, name);
    }

    /// What making a run known came to.
    public enum Registered {
        /// It was not known.
        NEW,
        /// The same request made it known before.
        JOINED,
        /// Another request made it known before.
        CONFLICT
    }

    /// Makes a run known before it is published. `digest` is that of the client's request, by which
    /// a second one under the same id is told from a repetition; empty where ids are never shared.
    public CompletionStage<Registered> register(RunRequest request, String digest) {
        return REGISTER.run(
                        redis.commands(),
                        new String[] {key(request.run()), list(request.key())},
                        Stream.concat(
                                        Stream.of(
                                                request.run().value(),
                                                live,
                                                digest,
                                                millis(request.acceptedAt().toEpochMilli()),
                                                "deadline",
                                                millis(request.deadline().toEpochMilli())),
                                        RunEntries.fields(request))
                                .toArray(String[]::new))
                .thenApply(answer ->
                        Registered.valueOf(((String) answer.get(0)).toUpperCase(Locale.ROOT)));
    }

    /// What claiming a run came to.
    public sealed interface Claim {
        /// The run is the claimant's, as this attempt.
        sealed interface Granted extends Claim {
            /// Which attempt, from 1.
            int attempt();
        }

        /// It is to be executed, within `timeLeft`.
        record Execute(int attempt, Duration timeLeft) implements Granted {}

        /// It was cancelled before; the claimant says so in its journal.
        record Cancelled(int attempt) implements Granted {}

        /// Its deadline has passed; the claimant says so in its journal.
        record Expired(int attempt) implements Granted {}

        /// Too many workers died of it, one after the other; the claimant says so in its journal.
        record Poison(int attempt, int crashes) implements Granted {}

        /// It has ended, or is another claimant's.
        record Refused() implements Claim {}

        /// The claimant's lease is not valid, or no longer.
        record NoLease() implements Claim {}
    }

    /// Where an offer stands in the runs topic.
    public record Offer(int partition, long offset) {
        @Override
        public String toString() {
            return partition + ":" + offset;
        }

        /// The offer that [#toString()] names.
        public static Offer parse(String text) {
            int colon = text.indexOf(':');
            return new Offer(
                    Integer.parseInt(text.substring(0, colon)),
                    Long.parseLong(text.substring(colon + 1)));
        }
    }

    /// Claims a run for `claimId` under a lease. A claim that is made again is the same claim.
    ///
    /// @param maxCrashes how many workers may die of a run, one after the other
    public CompletionStage<Claim> claim(
            RunRequest request, Offer offer, String claimId, String lease, int maxCrashes) {
        return CLAIM.run(
                        redis.commands(),
                        new String[] {
                            key(request.run()), leases(), runsOf(lease), list(request.key())
                        },
                        Stream.concat(
                                        Stream.of(
                                                request.run().value(),
                                                String.valueOf(request.attemptFloor()),
                                                claimId,
                                                lease,
                                                millis(request.deadline().toEpochMilli()),
                                                live,
                                                String.valueOf(maxCrashes),
                                                millis(request.acceptedAt().toEpochMilli()),
                                                "offer",
                                                offer.toString()),
                                        RunEntries.fields(request))
                                .toArray(String[]::new))
                .thenApply(RunStates::claim);
    }

    private static Claim claim(List<Object> answer) {
        String outcome = (String) answer.get(0);
        int attempt = ((Long) answer.get(1)).intValue();
        long more = (Long) answer.get(2);
        return switch (outcome) {
            case "execute" -> new Claim.Execute(attempt, Duration.ofMillis(more));
            case "cancelled" -> new Claim.Cancelled(attempt);
            case "expired" -> new Claim.Expired(attempt);
            case "poison" -> new Claim.Poison(attempt, (int) more);
            case "refused" -> new Claim.Refused();
            case "no_lease" -> new Claim.NoLease();
            default -> throw new IllegalStateException("claim.lua answered " + outcome);
        };
    }

    /// Notes where a step of the run is, unless a later claim holds it.
    public CompletionStage<?> step(RunId run, String claimId, RunEntry.StepOffset step) {
        return STEP.run(
                redis.commands(),
                new String[] {key(run), steps(run)},
                claimId,
                step.ordinal() + ":" + step.offset(),
                live);
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

    /// Sets the flag that cancels a run, whether or not a worker has it yet.
    public CompletionStage<?> cancel(RunId run) {
        return CANCEL.run(redis.commands(), new String[] {key(run)}, live);
    }

    /// What is known of a run, if anything is.
    public CompletionStage<Optional<RunEntry>> find(RunId run) {
        CompletableFuture<Map<String, String>> fields =
                redis.commands().hgetall(key(run)).toCompletableFuture();
        CompletableFuture<List<String>> steps =
                redis.commands().lrange(steps(run), 0, -1).toCompletableFuture();
        return fields.thenCombine(steps, (known, index) -> RunEntries.entry(run, known, index));
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

    /// The key of the set of the runs that were claimed under a lease.
    public String runsOf(String lease) {
        return redis.key("lease", lease);
    }

    private static String millis(long value) {
        return String.valueOf(value);
    }
}
