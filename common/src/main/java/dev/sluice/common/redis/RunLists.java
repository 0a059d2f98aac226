package dev.sluice.common.redis;

import dev.sluice.common.run.RunId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The runs that each key started, newest first. Safe for any thread; nothing blocks.
public final class RunLists {
    private final Redis redis;
    private final RunStates states;

    /// Lists of the runs whose states these are.
    public RunLists(Redis redis, RunStates states) {
        this.redis = redis;
        this.states = states;
    }

    /// Up to `count` runs of a key that were started before `after`, or the newest. Empty where
    /// `after` is not one of that key's runs, or is forgotten.
    public CompletionStage<Optional<List<RunId>>> page(
            @Nullable String key, @Nullable RunId after, int count) {
        String list = states.list(key);
        if (after == null) {
            return range(list, 0, count).thenApply(Optional::of);
        }
        return redis.commands()
                .zrevrank(list, after.value())
                .thenCompose(rank ->
                        rank == null
                                ? CompletableFuture.completedStage(Optional.empty())
                                : range(list, rank + 1, count).thenApply(Optional::of));
    }

    private CompletionStage<List<RunId>> range(String list, long from, int count) {
        return redis.commands()
                .zrevrange(list, from, from + count - 1)
                .thenApply(ids -> ids.stream().map(RunId::new).toList());
    }

    /// What is known of these runs, without their steps; those that are forgotten are left out.
    public CompletionStage<List<RunEntry>> entries(List<RunId> runs) {
        List<CompletableFuture<Optional<RunEntry>>> entries =
                runs.stream()
                        .map(run ->
                                redis.commands()
                                        .hgetall(states.key(run))
                                        .thenApply(
                                                fields -> RunEntries.entry(run, fields, List.of()))
                                        .toCompletableFuture())
                        .toList();
        return CompletableFuture.allOf(entries.toArray(CompletableFuture[]::new))
                .thenApply(_ -> {
                    List<RunEntry> known = new ArrayList<>();
                    entries.forEach(entry -> entry.join().ifPresent(known::add));
                    return known;
                });
    }
}
