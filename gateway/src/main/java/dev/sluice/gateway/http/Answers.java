package dev.sluice.gateway.http;

import dev.sluice.common.run.Failure;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.dialect.runs.RunStatus;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The answers that an event loop writes: admits them, sees to it that none outlasts its run's
/// deadline by much, and says what becomes of a run whose watcher leaves. Confined to that event
/// loop.
final class Answers {
    /// How much longer than the run's own deadline an answer waits for word of it.
    private static final Duration GRACE = Duration.ofSeconds(5);

    /// How many graces an answer waits for the log, which may be busy.
    private static final int LONGEST_READING = 12;

    private static final String UNKNOWN = "unknown";

    private final GatewayContext gateway;
    private final Map<Answer, Long> timers = new HashMap<>();

    Answers(GatewayContext gateway) {
        this.gateway = gateway;
    }

    /// Opens an answer to a watcher that is counted already; null where there is no room, of which
    /// the client is told, or no client any more.
    @Nullable Answer open(
            RoutingContext routing,
            Dialect dialect,
            Watched watched,
            Function<Answer.Ending, Answer> opening) {
        HttpServerResponse response = routing.response();
        Failure full = gateway.admission().enter();
        if (full != null) {
            Responses.error(response, dialect.error(full, false));
            return null;
        }
        if (response.closed()) {
            gateway.admission().leave();
            return null;
        }
        response.putHeader(RequestHeaders.RUN_ID, watched.run().value());
        if (!watched.started()) {
            gateway.meters().attached(1);
        }
        Vertx vertx = routing.vertx();
        Answer answer = opening.apply((ended, how) -> ended(vertx, ended, watched, how));
        routing.addEndHandler(result -> {
            if (result.failed()) {
                answer.gone();
            }
        });
        Duration left = Duration.between(gateway.redis().now(), watched.deadline());
        timers.put(
                answer,
                vertx.setTimer(
                        Math.max(1, left.toMillis()), _ -> watchOver(vertx, answer, watched)));
        return answer;
    }

    /// Lets an answer go on past its run's deadline for as long as its client takes what has been
    /// said, and for a while as long as that is still to be read from the log.
    private void watchOver(Vertx vertx, Answer answer, Watched watched) {
        answer.moved();
        watchOver(vertx, answer, watched, LONGEST_READING);
    }

    private void watchOver(Vertx vertx, Answer answer, Watched watched, int graces) {
        timers.put(
                answer,
                vertx.setTimer(
                        GRACE.toMillis(),
                        _ -> {
                            if (answer.moved()) {
                                watchOver(vertx, answer, watched, LONGEST_READING);
                            } else if (answer.behind() && graces > 1) {
                                watchOver(vertx, answer, watched, graces - 1);
                            } else {
                                overdue(vertx, answer, watched);
                            }
                        }));
    }

    private void overdue(Vertx vertx, Answer answer, Watched watched) {
        gateway.runs()
                .status(watched.run(), vertx.getOrCreateContext())
                .map(run -> run.map(known -> RunStatus.of(known, null).wireName()).orElse(UNKNOWN))
                .otherwise(UNKNOWN)
                .onSuccess(status ->
                        answer.abandon(new Failure.Overdue(watched.run().value(), status)));
    }

    private void ended(Vertx vertx, Answer answer, Watched watched, Answer.How how) {
        Long timer = timers.remove(answer);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
        gateway.admission().leave();
        if (watched.started()) {
            gateway.backlog().remove(watched.run());
        } else {
            gateway.meters().attached(-1);
        }
        if (watched.cancels()) {
            switch (how) {
                case WITH_THE_RUN -> {}
                case LEFT -> gateway.watchers().left(watched.run(), watched.partition());
                case CUT_SHORT -> gateway.watchers().released(watched.run());
            }
        }
    }

    /// Ends all answers because the gateway stops. Their runs go on.
    void shutDown() {
        List.copyOf(timers.keySet())
                .forEach(answer -> answer.cutShort(Failure.CutShort.Cause.SHUTTING_DOWN));
    }
}
