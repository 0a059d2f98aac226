package dev.sluice.common.run;

import org.jspecify.annotations.Nullable;

/// Says which of a run's replies count, read in the order of the log: the one rule that every
/// reader applies.
///
/// An attempt begins to count with its `AttemptStarted` and ends with that of a higher one; of two
/// claims to the same attempt the first one counts; a number counts once; nothing counts after a
/// terminal event. So a worker that hung and woke up may write what it likes. Nor does anything of
/// an attempt count after a gap in its numbers: where a record was lost, what follows it must not
/// pass for the whole, and the next attempt carries on before the gap. One instance reads one run,
/// on one thread at a time.
public final class AttemptRule {
    private int attempt;
    private @Nullable String claim;
    private long last;
    private boolean gapped;
    private boolean cancelRequested;
    private boolean ended;

    /// The rule as it stands right after a numbered reply that counted.
    public static AttemptRule after(Reply reply) {
        AttemptRule rule = new AttemptRule();
        rule.attempt = reply.attempt();
        rule.claim = reply.claim();
        rule.last = reply.seq();
        rule.ended = reply.event().terminal();
        return rule;
    }

    /// Whether this reply, the next one of the log, counts.
    public boolean counts(Reply reply) {
        if (ended) {
            return false;
        }
        if (reply.event() instanceof RunEvent.CancelRequested) {
            cancelRequested = true;
            return false;
        }
        return reply.event() instanceof RunEvent.AttemptStarted ? starts(reply) : follows(reply);
    }

    private boolean starts(Reply reply) {
        if (reply.attempt() <= attempt) {
            return false;
        }
        attempt = reply.attempt();
        claim = reply.claim();
        gapped = false;
        return true;
    }

    private boolean follows(Reply reply) {
        if (!isCurrent(reply.attempt(), reply.claim())) {
            return false;
        }
        gapped |= reply.seq() > last + 1;
        if (gapped || reply.seq() <= last) {
            return false;
        }
        last = reply.seq();
        ended = reply.event().terminal();
        return true;
    }

    /// Whether this claim to this attempt is the one that counts.
    public boolean isCurrent(int attempt, String claim) {
        return attempt == this.attempt && claim.equals(this.claim);
    }

    /// Whether the attempt that counts has a gap in its numbers: the run then waits for another.
    public boolean gapped() {
        return gapped;
    }

    /// The highest attempt that started so far; 0 before the first.
    public int attempt() {
        return attempt;
    }

    /// The number of the last event that counted; 0 before the first.
    public long last() {
        return last;
    }

    /// Whether somebody asked for the run's cancellation.
    public boolean cancelRequested() {
        return cancelRequested;
    }

    /// Whether the run's terminal event was read.
    public boolean ended() {
        return ended;
    }
}
