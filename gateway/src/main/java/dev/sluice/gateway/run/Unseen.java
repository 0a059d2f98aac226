package dev.sluice.gateway.run;

import dev.sluice.common.run.Reply;

/// Says which events a client is still to be shown that has seen those up to one of them. It is
/// given a run's counted events in order; an event without a number belongs to the one before it.
/// One thread at a time.
public final class Unseen {
    private final long seen;
    private long last;

    /// What comes after the event `seen`, for a reader who begins behind the event `last`.
    public Unseen(long seen, long last) {
        this.seen = seen;
        this.last = last;
    }

    /// Whether this event, the next one, is to be shown.
    public boolean shows(Reply reply) {
        if (reply.seq() == 0) {
            return last >= seen;
        }
        last = reply.seq();
        return last > seen;
    }
}
