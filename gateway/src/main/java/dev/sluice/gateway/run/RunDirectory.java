package dev.sluice.gateway.run;

import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunLists;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.redis.RunStates.Registered;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.Unavailable;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds runs, each for the key that started it alone. What cannot be had fails with
/// [RefusedException]. Safe for any thread; nothing blocks, and answers come on the context given.
public final class RunDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(RunDirectory.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    /// How long it takes as a rule until workers have read from the log what Redis lost.
    private static final Duration REBUILT_AFTER = Duration.ofSeconds(5);

    private static final Duration AGAIN = Duration.ofMillis(200);
    private static final int PAGE = 100;

    /// How many runs one listing looks at, at the most.
    private static final int MOST_PAGES = 100;

    private final RunStates states;
    private final RunLists lists;
    private final Duration retention;

    /// A directory of runs that are kept for `retention` after their end.
    public RunDirectory(RunStates states, RunLists lists, Duration retention) {
        this.states = states;
        this.lists = lists;
        this.retention = retention;
    }

    /// Some of a key's runs.
    ///
    /// @param runs those asked for, newest first
    /// @param last where the next listing is to go on; null where this one is empty
    /// @param more whether there may be more
    public record Listing(List<RunEntry> runs, @Nullable RunId last, boolean more) {}

    /// Makes a run known before it is published, see [RunStates]. Redis may not be able to tell yet
    /// whether it was: then it is asked again for a while.
    public Future<Registered> register(
            RunRequest request, String digest, int watchers, Context context) {
        return register(request, digest, watchers, context, patience());
    }

    private Future<Registered> register(
            RunRequest request, String digest, int watchers, Context context, long until) {
        return asked(states.register(request, digest, watchers), context)
                .compose(registered ->
                        registered == Registered.UNSURE && System.nanoTime() < until
                                ? later(context)
                                        .compose(_ ->
                                                register(request, digest, watchers, context, until))
                                : Future.succeededFuture(registered));
    }

    /// Finds a run of this key. One that Redis lost is waited for while it is read from the log.
    public Future<RunEntry> find(String id, @Nullable String key, Context context) {
        try {
            return find(new RunId(id), key, context, patience());
        } catch (IllegalArgumentException _) {
            return Future.failedFuture(notFound(id));
        }
    }

    private Future<RunEntry> find(RunId run, @Nullable String key, Context context, long until) {
        return asked(states.find(run), context)
                .compose(found ->
                        found.isEmpty()
                                ? missing(run, key, context, until)
                                : Objects.equals(found.get().key(), key)
                                        ? Future.succeededFuture(found.get())
                                        : Future.failedFuture(
                                                RefusedException.denied(
                                                        notFound(run.value()).failure())));
    }

    private Future<RunEntry> missing(RunId run, @Nullable String key, Context context, long until) {
        return asked(states.complete(), context)
                .compose(complete -> {
                    if (complete) {
                        return Future.failedFuture(notFound(run.value()));
                    }
                    return System.nanoTime() < until
                            ? later(context).compose(_ -> find(run, key, context, until))
                            : Future.failedFuture(new RefusedException(notKnownYet()));
                });
    }

    /// Waits for what Redis lost to be read from the log.
    private Future<Void> complete(Context context, long until) {
        return asked(states.complete(), context)
                .compose(complete ->
                        complete
                                ? Future.succeededFuture()
                                : System.nanoTime() < until
                                        ? later(context).compose(_ -> complete(context, until))
                                        : Future.failedFuture(new RefusedException(notKnownYet())));
    }

    private static long patience() {
        return System.nanoTime() + REBUILT_AFTER.toNanos();
    }

    private static Future<Void> later(Context context) {
        return context.owner().timer(AGAIN.toMillis(), TimeUnit.MILLISECONDS).mapEmpty();
    }

    /// What a client is told while a run that Redis lost is yet to be read from the log.
    public static Failure notKnownYet() {
        return new Unavailable(Unavailable.Reason.RUNS_UNAVAILABLE, RETRY_AFTER);
    }

    /// What is known of a run, whosever it is.
    public Future<Optional<RunEntry>> status(RunId run, Context context) {
        return asked(states.find(run), context);
    }

    /// What a client is told of a run that is not there, or no longer.
    public RefusedException notFound(String id) {
        return new RefusedException(new Failure.RunNotFound(id, retention));
    }

    /// Lists up to `limit` runs of this key, those before `after` that are wanted. Empty where
    /// `after` is not there.
    public Future<Optional<Listing>> list(
            @Nullable String key,
            Predicate<RunEntry> wanted,
            @Nullable RunId after,
            int limit,
            Context context) {
        return complete(context, patience())
                .compose(_ ->
                        list(new Search(key, wanted, limit, new ArrayList<>()), after, 0, context));
    }

    private record Search(
            @Nullable String key, Predicate<RunEntry> wanted, int limit, List<RunEntry> found) {
        Listing listing(@Nullable RunId looked, boolean more) {
            boolean full = found.size() > limit;
            List<RunEntry> runs = full ? found.subList(0, limit) : found;
            // Where the search was given up, the next one goes on behind what was looked at.
            RunId last = full || !more ? (runs.isEmpty() ? null : runs.getLast().run()) : looked;
            return new Listing(List.copyOf(runs), last, full || more);
        }
    }

    private Future<Optional<Listing>> list(
            Search search, @Nullable RunId after, int pages, Context context) {
        if (pages == MOST_PAGES) {
            return Future.succeededFuture(Optional.of(search.listing(after, true)));
        }
        return asked(lists.page(search.key(), after, PAGE), context)
                .compose(page -> {
                    if (page.isEmpty()) {
                        return Future.succeededFuture(
                                pages == 0
                                        ? Optional.empty()
                                        : Optional.of(search.listing(after, false)));
                    }
                    return collect(search, page.get(), pages, context);
                });
    }

    private Future<Optional<Listing>> collect(
            Search search, List<RunId> page, int pages, Context context) {
        return asked(lists.entries(page), context)
                .compose(entries -> {
                    entries.stream().filter(search.wanted()).forEach(search.found()::add);
                    return search.found().size() > search.limit() || page.size() < PAGE
                            ? Future.succeededFuture(Optional.of(search.listing(null, false)))
                            : list(search, page.getLast(), pages + 1, context);
                });
    }

    private static <T> Future<T> asked(CompletionStage<T> answer, Context context) {
        return Future.fromCompletionStage(answer, context)
                .recover(failure -> Future.failedFuture(unavailable(failure)));
    }

    /// What a client is told while Redis is away.
    public static RefusedException unavailable(Throwable failure) {
        LOG.atWarn().setCause(failure).log("runs cannot be looked up");
        return new RefusedException(
                new Unavailable(Unavailable.Reason.RUNS_UNAVAILABLE, RETRY_AFTER));
    }
}
