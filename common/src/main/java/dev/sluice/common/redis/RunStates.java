package dev.sluice.common.redis;

import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// What Redis knows of runs: which attempt is under way, whether the run has ended, whether it is
/// to be cancelled. Safe for any thread; nothing blocks.
public final class RunStates {
    private static final LuaScript CLAIM = LuaScript.resource(RunStates.class, "claim.lua");
    private static final LuaScript END = LuaScript.resource(RunStates.class, "end.lua");
    private static final LuaScript CANCEL = LuaScript.resource(RunStates.class, "cancel.lua");

    private final Redis redis;
    private final Duration keptFor;

    /// States that are kept for this long after a run was last heard of.
    public RunStates(Redis redis, Duration keptFor) {
        this.redis = redis;
        this.keptFor = keptFor;
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

        /// It has ended, or is another claimant's.
        record Refused() implements Claim {}
    }

    /// Claims a run for `claimId` at `worker`.
    public CompletionStage<Claim> claim(RunRequest request, String claimId, String worker) {
        return CLAIM.run(
                        redis.commands(),
                        key(request.run()),
                        String.valueOf(request.attemptFloor()),
                        claimId,
                        worker,
                        String.valueOf(request.deadline().toEpochMilli()),
                        String.valueOf(keptFor.toMillis()))
                .thenApply(RunStates::claim);
    }

    private static Claim claim(List<Object> answer) {
        String outcome = (String) answer.get(0);
        int attempt = ((Long) answer.get(1)).intValue();
        return switch (outcome) {
            case "execute" -> new Claim.Execute(attempt, Duration.ofMillis((Long) answer.get(2)));
            case "cancelled" -> new Claim.Cancelled(attempt);
            case "expired" -> new Claim.Expired(attempt);
            case "refused" -> new Claim.Refused();
            default -> throw new IllegalStateException("claim.lua answered " + outcome);
        };
    }

    /// Notes that the run has ended, unless a later claim holds it.
    public CompletionStage<?> end(RunId run, String claimId) {
        return END.run(redis.commands(), key(run), claimId, String.valueOf(keptFor.toMillis()));
    }

    /// Sets the flag that cancels a run, whether or not a worker has it yet.
    public CompletionStage<?> cancel(RunId run) {
        return CANCEL.run(redis.commands(), key(run), String.valueOf(keptFor.toMillis()));
    }

    private String[] key(RunId run) {
        return new String[] {redis.key("run", run.value())};
    }
}
