package dev.sluice.gateway.http;

import dev.sluice.common.config.KeyConfig;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.gateway.dialect.Ask;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.run.ReplyRouter;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs an agent for a request of one dialect: reads it, publishes the run, and follows it into the
/// response. One an event loop.
final class RunHandler implements Handler<RoutingContext> {
    private static final Logger LOG = LoggerFactory.getLogger(RunHandler.class);

    /// Bodies beyond this are read, and published, off the event loop.
    private static final int LARGE = 64 * 1024;

    /// How much longer than the run's own deadline the gateway waits for word of it.
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Dialect dialect;
    private final GatewayContext gateway;
    private final GatewayMeters meters;
    private final RateLimiter limiter;
    private final ReplyRouter router;
    private final Set<Answer> answers = new HashSet<>();

    RunHandler(
            Dialect dialect,
            GatewayContext gateway,
            GatewayMeters meters,
            RateLimiter limiter,
            ReplyRouter router) {
        this.dialect = dialect;
        this.gateway = gateway;
        this.meters = meters;
        this.limiter = limiter;
        this.router = router;
    }

    @Override
    public void handle(RoutingContext routing) {
        Context context = routing.vertx().getOrCreateContext();
        parse(routing.vertx(), routing.body().buffer())
                .map(parsed -> {
                    switch (parsed) {
                        case Dialect.Parsed.Refused(Failure failure) -> refuse(routing, failure);
                        case Dialect.Parsed.Accepted(Ask ask) -> admit(routing, context, ask);
                    }
                    return parsed;
                })
                .onFailure(routing::fail);
    }

    /// Fails the runs whose clients still wait here, and cancels them.
    void shutDown() {
        List.copyOf(answers)
                .forEach(answer ->
                        answer.abandon(
                                new Failure.Unavailable(
                                        Failure.Unavailable.Reason.SHUTTING_DOWN, GRACE)));
    }

    private Future<Dialect.Parsed> parse(Vertx vertx, @Nullable Buffer body) {
        Buffer bytes = body == null ? Buffer.buffer() : body;
        if (bytes.length() <= LARGE) {
            return Future.succeededFuture(dialect.parse(bytes));
        }
        return vertx.executeBlocking(() -> dialect.parse(bytes), false)
                .map(Objects::<Dialect.Parsed>requireNonNull);
    }

    private void admit(RoutingContext routing, Context context, Ask ask) {
        KeyConfig key = Routes.key(routing);
        if (!gateway.config().agents().containsKey(ask.agent())
                || (key != null && !key.admits(ask.agent()))) {
            refuse(routing, new Failure.AgentNotFound(ask.agent()));
            return;
        }
        switch (RequestHeaders.timeout(
                routing.request(), gateway.config().gateway().runTimeout())) {
            case RequestHeaders.Timeout.Refused(Failure failure) -> refuse(routing, failure);
            case RequestHeaders.Timeout.Of(Duration timeout) ->
                    limit(routing, context, ask, key, timeout);
        }
    }

    private void limit(
            RoutingContext routing,
            Context context,
            Ask ask,
            @Nullable KeyConfig key,
            Duration timeout) {
        RunId run = RunId.at(gateway.clock().millis());
        if (key == null) {
            start(routing, context, ask, null, timeout, run);
            return;
        }
        limiter.admit(key, run, context)
                .map(verdict -> {
                    switch (verdict) {
                        case RateLimiter.Verdict.Refused(Failure failure) ->
                                refuse(routing, failure);
                        case RateLimiter.Verdict.Unlimited _ ->
                                start(routing, context, ask, key.id(), timeout, run);
                        case RateLimiter.Verdict.Passed passed -> {
                            RateLimitHeaders.put(routing.response(), passed);
                            start(routing, context, ask, key.id(), timeout, run);
                        }
                    }
                    return verdict;
                })
                .onFailure(routing::fail);
    }

    private void start(
            RoutingContext routing,
            Context context,
            Ask ask,
            @Nullable String key,
            Duration timeout,
            RunId run) {
        if (!router.live()) {
            refuse(
                    routing,
                    new Failure.Unavailable(Failure.Unavailable.Reason.LOG_UNAVAILABLE, GRACE));
            return;
        }
        Failure full = gateway.admission().enter();
        if (full != null) {
            refuse(routing, full);
            return;
        }
        HttpServerResponse response = routing.response();
        if (response.closed()) {
            gateway.admission().leave();
            return;
        }
        response.putHeader(RequestHeaders.RUN_ID, run.value());
        Instant accepted = gateway.clock().instant();
        long[] timer = new long[1];
        Answer answer =
                answer(
                        routing.vertx(),
                        response,
                        ask,
                        run,
                        accepted,
                        (ended, gone) -> {
                            answers.remove(ended);
                            gateway.admission().leave();
                            routing.vertx().cancelTimer(timer[0]);
                            if (gone) {
                                gateway.publisher().cancel(run);
                            }
                        });
        answers.add(answer);
        routing.addEndHandler(result -> {
            if (result.failed()) {
                answer.gone();
            }
        });
        ReplyRouter.Place place = router.nextPlace();
        answer.follow(router.follow(run, place, answer));
        timer[0] =
                routing.vertx()
                        .setTimer(
                                timeout.plus(GRACE).toMillis(),
                                _ -> answer.abandon(new Failure.DeadlineExceeded()));
        RunRequest request =
                new RunRequest(
                        run,
                        ask.agent(),
                        key,
                        ask.messages(),
                        ask.tools(),
                        ask.parameters(),
                        Map.of(),
                        RunRequest.OnDisconnect.CANCEL,
                        false,
                        place.partition(),
                        place.from(),
                        0,
                        accepted,
                        gateway.redis().now().plus(timeout));
        encode(routing, request)
                .compose(value ->
                        gateway.publisher()
                                .publish(
                                        run,
                                        value,
                                        Routes.requestId(routing),
                                        Routes.trace(routing),
                                        context))
                .onSuccess(failure -> published(routing, request, answer, failure))
                .onFailure(thrown -> {
                    LOG.atError()
                            .addKeyValue("runId", run)
                            .setCause(thrown)
                            .log("a run could not be published");
                    answer.fail(new Failure.Internal());
                });
    }

    private static Future<byte[]> encode(RoutingContext routing, RunRequest request) {
        if (routing.body().length() <= LARGE) {
            return Future.succeededFuture(RunCodec.encode(request));
        }
        return routing.vertx()
                .executeBlocking(() -> RunCodec.encode(request), false)
                .map(Objects::<byte[]>requireNonNull);
    }

    private Answer answer(
            Vertx vertx,
            HttpServerResponse response,
            Ask ask,
            RunId run,
            Instant accepted,
            Answer.Ending ending) {
        Dialect.Format format = ask.format();
        return ask.stream()
                ? new StreamAnswer(
                        vertx,
                        response,
                        dialect,
                        format.stream(run, ask.agent(), accepted),
                        gateway.config().gateway(),
                        ask.agent(),
                        meters,
                        ending)
                : new WholeAnswer(
                        response,
                        dialect,
                        format.whole(run, ask.agent(), accepted),
                        ask.agent(),
                        meters,
                        ending);
    }

    private void published(
            RoutingContext routing, RunRequest request, Answer answer, Optional<Failure> failure) {
        failure.ifPresent(answer::fail);
        LOG.atInfo()
                .addKeyValue("requestId", Routes.requestId(routing))
                .addKeyValue("runId", request.run())
                .addKeyValue("agent", request.agent())
                .addKeyValue("key", request.key())
                .addKeyValue(
                        "status", failure.map(f -> f.getClass().getSimpleName()).orElse("accepted"))
                .log("run published");
    }

    private void refuse(RoutingContext routing, Failure failure) {
        if (failure instanceof Failure.RateLimited(long limit, Duration retryAfter)) {
            RateLimitHeaders.put(routing.response(), limit, 0, retryAfter);
        }
        Responses.error(routing.response(), dialect.error(failure, false));
    }
}
