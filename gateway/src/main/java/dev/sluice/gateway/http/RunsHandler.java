package dev.sluice.gateway.http;

import dev.sluice.common.config.KeyConfig;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.run.RunId;
import dev.sluice.gateway.dialect.Ask.Delivery;
import dev.sluice.gateway.dialect.EventId;
import dev.sluice.gateway.dialect.chat.ChatDialect;
import dev.sluice.gateway.dialect.runs.EventJson;
import dev.sluice.gateway.dialect.runs.RunJson;
import dev.sluice.gateway.dialect.runs.RunStatus;
import dev.sluice.gateway.dialect.runs.RunsDialect;
import dev.sluice.gateway.run.RunDirectory;
import dev.sluice.gateway.run.RunDirectory.Listing;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Shows runs, their events and their streams, and cancels them; each to the key that started it.
/// One an event loop.
final class RunsHandler {
    static final String RUN = "run";

    private static final int OK = 200;
    private static final int FEW_RUNS = 20;
    private static final int MOST_RUNS = 100;
    private static final int FEW_EVENTS = 100;
    private static final int MOST_EVENTS = 1000;

    private final RunsDialect dialect = new RunsDialect();
    private final ChatDialect chat = new ChatDialect();
    private final GatewayContext gateway;
    private final Attacher attacher;

    RunsHandler(GatewayContext gateway, Attacher attacher) {
        this.gateway = gateway;
        this.attacher = attacher;
    }

    /// `GET /v1/runs`
    void list(RoutingContext routing) {
        Query query = new Query(routing.request());
        Predicate<RunEntry> wanted = wanted(query);
        String after = query.text("after");
        gateway.runs()
                .list(
                        keyId(routing),
                        wanted,
                        after == null ? null : runId(after),
                        query.limit(FEW_RUNS, MOST_RUNS),
                        context(routing))
                .map(listing -> {
                    Listing found = listing.orElseThrow(() -> noSuchRun(String.valueOf(after)));
                    RunId last = found.last();
                    Responses.json(
                            routing.response(),
                            RunJson.list(
                                    found.runs(),
                                    last == null ? null : last.value(),
                                    found.more()));
                    return found;
                })
                .onFailure(routing::fail);
    }

    private static Predicate<RunEntry> wanted(Query query) {
        String agent = query.text("agent");
        String status = query.text("status");
        RunStatus only =
                status == null
                        ? null
                        : RunStatus.named(status)
                                .orElseThrow(
                                        () -> Query.unknown("status", status, RunStatus.names()));
        return run ->
                (agent == null || run.agent().equals(agent))
                        && (only == null || RunStatus.of(run, null) == only);
    }

    private static RunId runId(String text) {
        try {
            return new RunId(text);
        } catch (IllegalArgumentException _) {
            throw noSuchRun(text);
        }
    }

    private static RuntimeException noSuchRun(String after) {
        return Query.refused(
                "after",
                "Invalid 'after': there is no run '%s'.".formatted(Query.shown(after)),
                "invalid_value");
    }

    /// `GET /v1/runs/{id}`
    void one(RoutingContext routing) {
        find(routing).onSuccess(run -> answer(gateway, routing, OK, run));
    }

    /// `POST /v1/runs/{id}/cancel`
    void cancel(RoutingContext routing) {
        Context context = context(routing);
        find(routing)
                .compose(run ->
                        Future.fromCompletionStage(
                                        gateway.publisher().cancel(run.run(), run.partition()),
                                        context)
                                .recover(failure ->
                                        Future.failedFuture(RunDirectory.unavailable(failure)))
                                .onSuccess(_ -> gateway.backlog().remove(run.run()))
                                .onFailure(routing::fail))
                .onSuccess(_ -> one(routing));
    }

    /// `GET /v1/runs/{id}/events`
    void events(RoutingContext routing) {
        Query query = new Query(routing.request());
        EventId after = query.after();
        Boolean stream = query.flag("stream");
        String accept = routing.request().getHeader(HttpHeaders.ACCEPT);
        if (stream == null ? accept != null && accept.contains("text/event-stream") : stream) {
            find(routing)
                    .onSuccess(run ->
                            attacher.attach(
                                    routing,
                                    dialect,
                                    run,
                                    new Delivery.Streamed(dialect.events()),
                                    after));
        } else {
            int limit = query.limit(FEW_EVENTS, MOST_EVENTS);
            find(routing).onSuccess(run -> page(routing, run, after, limit));
        }
    }

    private void page(RoutingContext routing, RunEntry run, EventId after, int limit) {
        gateway.journals()
                .page(run, after, limit, context(routing))
                .map(page -> {
                    Responses.json(
                            routing.response(),
                            EventJson.list(
                                    page.events().stream()
                                            .map(told ->
                                                    new EventJson.Numbered(
                                                            told.reply(),
                                                            new EventId(
                                                                    told.reply().seq(),
                                                                    told.offset())))
                                            .toList(),
                                    page.more()));
                    return page;
                })
                .onFailure(routing::fail);
    }

    /// `GET /v1/runs/{id}/stream`
    void stream(RoutingContext routing) {
        Query query = new Query(routing.request());
        String format = query.text("format");
        if (format != null && !format.equals("chat")) {
            throw Query.unknown("format", format, "'chat'");
        }
        boolean usage = Boolean.TRUE.equals(query.flag("include_usage"));
        EventId after = query.after();
        find(routing)
                .onSuccess(run ->
                        attacher.attach(
                                routing,
                                chat,
                                run,
                                new Delivery.Streamed(chat.format(usage)),
                                after));
    }

    private Future<RunEntry> find(RoutingContext routing) {
        return gateway.runs()
                .find(String.valueOf(routing.pathParam(RUN)), keyId(routing), context(routing))
                .onSuccess(run ->
                        routing.response().putHeader(RequestHeaders.RUN_ID, run.run().value()))
                .onFailure(routing::fail);
    }

    /// Answers with a run and how far it has come.
    static void answer(GatewayContext gateway, RoutingContext routing, int status, RunEntry run) {
        gateway.journals()
                .history(run, context(routing))
                .map(history -> {
                    Responses.json(
                            routing.response()
                                    .setStatusCode(status)
                                    .putHeader(RequestHeaders.RUN_ID, run.run().value()),
                            RunJson.of(run, history));
                    return history;
                })
                .onFailure(routing::fail);
    }

    private static Context context(RoutingContext routing) {
        return routing.vertx().getOrCreateContext();
    }

    private static @Nullable String keyId(RoutingContext routing) {
        KeyConfig key = Routes.key(routing);
        return key == null ? null : key.id();
    }
}
