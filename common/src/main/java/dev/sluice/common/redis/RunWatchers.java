package dev.sluice.common.redis;

import dev.sluice.common.run.RunId;
import java.util.concurrent.CompletionStage;

/// How many clients watch each run, over all gateways. Safe for any thread; nothing blocks.
///
/// Only runs that are to be cancelled when nobody watches them any more need to be counted. A
/// gateway that dies leaves its watchers counted, on purpose: its runs then go on.
public final class RunWatchers {
    private static final LuaScript WATCH = RunStates.script("watch.lua");

    private final Redis redis;
    private final RunStates states;

    /// Watchers of the runs whose states these are.
    public RunWatchers(Redis redis, RunStates states) {
        this.redis = redis;
        this.states = states;
    }

    /// Counts one watcher more.
    public CompletionStage<?> watch(RunId run) {
        return count(run, 1);
    }

    /// Counts one watcher less. Answers whether none is left of a run that has not ended.
    public CompletionStage<Boolean> leave(RunId run) {
        return count(run, -1);
    }

    private CompletionStage<Boolean> count(RunId run, int more) {
        return WATCH.run(redis.commands(), new String[] {states.key(run)}, String.valueOf(more))
                .thenApply(RunStates::yes);
    }
}
