package dev.sluice.common.run;

import org.jspecify.annotations.Nullable;

/// Says which of a run's replies count, read in the order of the log: the one rule that every
/// reader applies.
///
/// An attempt begins to count with its `AttemptStarted` and ends with that of a higher one; of two
/// claims to the same attempt the first one counts; nothing counts after a terminal event. So a
/// worker that hung and woke up may write what it likes. Nor does anything count after a gap in the
/// numbers but a failing end: where a record was lost, what follows it must not pass for the whole.
/// One instance reads one run, on one thread at a time.
public final class AttemptRule {
    private int attempt;
    private @Nullable String claim;
    private long last;
    private boolean gapped;
    private boolean ended;

    /// Whether this reply, the next one of the log, counts.
    public boolean counts(Reply reply) {
        if (ended) {
            return false;
        }
        if (reply.event() instanceof RunEvent.AttemptStarted) {
            if (reply.attempt() <= attempt) {
                return false;
            }
            attempt = reply.attempt();
            claim = reply.claim();
            gapped = false;
            return true;
        }
        if (reply.attempt() != attempt || !reply.claim().equals(claim)) {
            return false;
        }
        if (reply.seq() != last + 1 && !failing(reply.event())) {
            gapped = true;
            return false;
        }
        last = reply.seq();
        ended = reply.event().terminal();
        return true;
    }

    private static boolean failing(RunEvent event) {
        return event instanceof RunEvent.RunFailed || event instanceof RunEvent.RunCancelled;
    }

    /// Whether the attempt that counts has a gap in its numbers, and so cannot complete any more.
    public boolean gapped() {
        return gapped;
    }

    /// The highest attempt that started so far; 0 before the first.
    public int attempt() {
        return attempt;
    }

    /// Whether the run's terminal event was read.
    public boolean ended() {
        return ended;
    }
}
