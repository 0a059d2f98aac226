package dev.sluice.gateway.http;

import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.Unavailable;
import dev.sluice.common.run.RunRequest;
import dev.sluice.gateway.dialect.Ask.Delivery;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.dialect.EventId;
import dev.sluice.gateway.run.Beginning;
import dev.sluice.gateway.run.ReplyRouter;
import dev.sluice.gateway.run.Unseen;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Answers requests with runs: with those they start, and with those that are there already,
/// wherever they were started. One an event loop.
final class Attacher {
    static final int NO_CONTENT = 204;

    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    private final GatewayContext gateway;
    private final Answers answers;
    private final ReplyRouter router;

    Attacher(GatewayContext gateway, Answers answers, ReplyRouter router) {
        this.gateway = gateway;
        this.answers = answers;
        this.router = router;
    }

    /// Why nothing can be followed just now; null where it can.
    @Nullable Failure away() {
        return router.live()
                ? null
                : new Failure.Unavailable(Unavailable.Reason.LOG_UNAVAILABLE, RETRY_AFTER);
    }

    /// Where the next run's replies are to go.
    ReplyRouter.Place nextPlace() {
        return router.nextPlace();
    }

    /// Waits for a worker to begin a run that a request starts and nobody follows, from before it
    /// is published on.
    Unfollowed await(RunRequest request, ReplyRouter.Place place, Vertx vertx) {
        Duration left = Duration.between(gateway.redis().now(), request.deadline());
        return Unfollowed.add(request, router, place, gateway.backlog(), left, vertx);
    }

    /// Follows a run that this request starts, from before it is published on. Null where there is
    /// no room, of which the client is told, or no client any more.
    @Nullable Answer follow(
            RoutingContext routing,
            Dialect dialect,
            Watched watched,
            ReplyRouter.Place place,
            Delivery.Awaited delivery) {
        Answer answer = open(routing, dialect, watched, delivery, EventId.START, 0);
        if (answer != null) {
            answer.follow(router.follow(watched.run(), place, answer));
        }
        return answer;
    }

    /// Attaches to a run, from behind the event `after` on.
    void attach(
            RoutingContext routing,
            Dialect dialect,
            RunEntry run,
            Delivery.Awaited delivery,
            EventId after) {
        Failure away = away();
        if (away != null) {
            Responses.error(routing.response(), dialect.error(away, false));
            return;
        }
        // Who comes back within the grace keeps the run going, however long the log takes.
        Watched watched = Watched.attached(run, gateway.config().run().retention());
        if (watched.cancels()) {
            gateway.watchers().joined(watched.run());
        }
        gateway.journals()
                .beginning(
                        run,
                        delivery.format().fromTheStart() ? EventId.START : after,
                        routing.vertx().getOrCreateContext())
                .map(from -> {
                    if (from.rule().ended()) {
                        // A client that would go on asking is told to stop.
                        routing.response().setStatusCode(NO_CONTENT).end();
                        turnedAway(watched);
                    } else {
                        attach(routing, dialect, watched, run, delivery, after, from);
                    }
                    return from;
                })
                .onFailure(failure -> {
                    turnedAway(watched);
                    routing.fail(failure);
                });
    }

    private void turnedAway(Watched watched) {
        if (watched.cancels()) {
            gateway.watchers().left(watched.run(), watched.partition());
        }
    }

    private void attach(
            RoutingContext routing,
            Dialect dialect,
            Watched watched,
            RunEntry run,
            Delivery.Awaited delivery,
            EventId after,
            Beginning from) {
        long begun = from.rule().last();
        Answer answer = open(routing, dialect, watched, delivery, after, begun);
        if (answer != null) {
            OptionalLong end =
                    run.state() instanceof State.Ended ended
                            ? OptionalLong.of(ended.offset())
                            : OptionalLong.empty();
            answer.follow(router.attach(run.run(), run.partition(), from, end, answer));
        } else {
            turnedAway(watched);
        }
    }

    private @Nullable Answer open(
            RoutingContext routing,
            Dialect dialect,
            Watched watched,
            Delivery.Awaited delivery,
            EventId after,
            long begun) {
        Vertx vertx = routing.vertx();
        HttpServerResponse response = routing.response();
        AnswerMeters meters = new AnswerMeters(gateway.meters(), gateway.backlog(), watched);
        return answers.open(
                routing,
                dialect,
                watched,
                ending ->
                        switch (delivery) {
                            case Delivery.Streamed(var format) ->
                                    new StreamAnswer(
                                            vertx,
                                            response,
                                            dialect,
                                            format.stream(
                                                    watched.run(),
                                                    watched.agent(),
                                                    watched.accepted()),
                                            new Unseen(after.seq(), begun),
                                            after.seq() > 0,
                                            gateway.config().gateway(),
                                            watched,
                                            meters,
                                            ending);
                            case Delivery.Whole(var format) ->
                                    new WholeAnswer(
                                            response,
                                            dialect,
                                            format.whole(
                                                    watched.run(),
                                                    watched.agent(),
                                                    watched.accepted()),
                                            watched,
                                            meters,
                                            ending);
                        });
    }
}
