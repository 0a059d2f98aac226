package dev.sluice.common.redis;

import java.time.Duration;
import java.util.List;

/// What claiming a run came to.
public sealed interface Claim {
    /// The run is the claimant's, as this attempt.
    sealed interface Granted extends Claim {
        /// Which attempt, from 1.
        int attempt();

        /// Whether the run has certainly no journal yet.
        boolean first();
    }

    /// It is to be executed, within `timeLeft`.
    record Execute(int attempt, boolean first, Duration timeLeft) implements Granted {}

    /// It was cancelled before; the claimant says so in its journal.
    record Cancelled(int attempt, boolean first) implements Granted {}

    /// Its deadline has passed; the claimant says so in its journal.
    record Expired(int attempt, boolean first) implements Granted {}

    /// Too many workers died of it, one after the other; the claimant says so in its journal.
    record Poison(int attempt, boolean first, int crashes) implements Granted {}

    /// It has ended, or is another claimant's.
    record Refused() implements Claim {}

    /// The claimant's lease is not valid, or no longer.
    record NoLease() implements Claim {}

    /// What `claim.lua` answers: outcome, attempt, milliseconds left or crashes, whether it is the
    /// first.
    static Claim of(List<Object> answer) {
        String outcome = (String) answer.get(0);
        int attempt = ((Long) answer.get(1)).intValue();
        long more = (Long) answer.get(2);
        boolean first = (Long) answer.get(3) == 1;
        return switch (outcome) {
            case "execute" -> new Execute(attempt, first, Duration.ofMillis(more));
            case "cancelled" -> new Cancelled(attempt, first);
            case "expired" -> new Expired(attempt, first);
            case "poison" -> new Poison(attempt, first, (int) more);
            case "refused" -> new Refused();
            case "no_lease" -> new NoLease();
            default -> throw new IllegalStateException("claim.lua answered " + outcome);
        };
    }
}
