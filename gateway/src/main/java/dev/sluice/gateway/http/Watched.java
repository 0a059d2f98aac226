package dev.sluice.gateway.http;

import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import java.time.Duration;
import java.time.Instant;

/// A run that somebody watches here.
///
/// @param agent the agent that runs
/// @param partition the partition of the reply topic that has its events
/// @param accepted when it was taken
/// @param deadline when it must have come to its end, by Redis' clock
/// @param cancels whether it is to be cancelled when nobody watches it any more
/// @param started whether this watcher started it, and is counted already
/// @param repeatable whether the request that is answered can be repeated without starting another
///   run
/// @param retention how long it is kept after its end
record Watched(
        RunId run,
        String agent,
        int partition,
        Instant accepted,
        Instant deadline,
        boolean cancels,
        boolean started,
        boolean repeatable,
        Duration retention) {

    /// A run that a request started.
    static Watched started(RunRequest request, boolean repeatable, Duration retention) {
        return new Watched(
                request.run(),
                request.agent(),
                request.replyPartition(),
                request.acceptedAt(),
                request.deadline(),
                request.onDisconnect() == OnDisconnect.CANCEL,
                true,
                repeatable,
                retention);
    }

    /// A run that somebody attaches to.
    static Watched attached(RunEntry run, Duration retention) {
        return new Watched(
                run.run(),
                run.agent(),
                run.partition(),
                run.accepted(),
                run.deadline(),
                run.onDisconnect() == OnDisconnect.CANCEL && !(run.state() instanceof State.Ended),
                false,
                true,
                retention);
    }

    /// What a client is told where the log no longer has it.
    Failure notFound() {
        return new Failure.RunNotFound(run.value(), retention);
    }
}
