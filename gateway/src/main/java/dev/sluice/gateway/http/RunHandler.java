package dev.sluice.gateway.http;

import dev.sluice.common.config.KeyConfig;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.RunId;
import dev.sluice.gateway.dialect.Ask;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.http.RunStarter.Admitted;
import dev.sluice.gateway.http.access.Denials.Denial;
import dev.sluice.gateway.http.access.RateLimitHeaders;
import dev.sluice.gateway.http.access.RateLimiter;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Takes the requests of one dialect that start runs: reads them, and lets in those that may. One
/// an event loop.
final class RunHandler implements Handler<RoutingContext> {
    private final Dialect dialect;
    private final GatewayContext gateway;
    private final RateLimiter limiter;
    private final RunStarter starter;

    RunHandler(Dialect dialect, GatewayContext gateway, RateLimiter limiter, RunStarter starter) {
        this.dialect = dialect;
        this.gateway = gateway;
        this.limiter = limiter;
        this.starter = starter;
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

    private Future<Dialect.Parsed> parse(Vertx vertx, @Nullable Buffer body) {
        Buffer bytes = body == null ? Buffer.buffer() : body;
        if (bytes.length() <= RunStarter.LARGE) {
            return Future.succeededFuture(dialect.parse(bytes));
        }
        return vertx.executeBlocking(() -> dialect.parse(bytes), false)
                .map(Objects::<Dialect.Parsed>requireNonNull);
    }

    private void admit(RoutingContext routing, Context context, Ask ask) {
        KeyConfig key = Routes.key(routing);
        if (!gateway.config().agents().containsKey(ask.agent())
                || (key != null && !key.admits(ask.agent()))) {
            if (key != null && gateway.config().agents().containsKey(ask.agent())) {
                gateway.denials()
                        .denied(Denial.agent(key.id(), ask.agent()), Routes.request(routing));
            }
            refuse(routing, new Failure.AgentNotFound(ask.agent()));
            return;
        }
        switch (IdempotencyKey.of(routing.request())) {
            case IdempotencyKey.Given.Refused(Failure failure) -> refuse(routing, failure);
            case IdempotencyKey.Given.None _ -> limit(routing, context, ask, key, null);
            case IdempotencyKey.Given.Key(IdempotencyKey given) ->
                    limit(routing, context, ask, key, given);
        }
    }

    private void limit(
            RoutingContext routing,
            Context context,
            Ask ask,
            @Nullable KeyConfig key,
            @Nullable IdempotencyKey idempotency) {
        Duration most = gateway.config().gateway().runTimeout();
        switch (RequestHeaders.timeout(routing.request(), most)) {
            case RequestHeaders.Timeout.Refused(Failure failure) -> refuse(routing, failure);
            case RequestHeaders.Timeout.Of(Duration timeout) ->
                    limit(
                            new Admitted(
                                    routing,
                                    context,
                                    ask,
                                    key == null ? null : key.id(),
                                    timeout,
                                    idempotency),
                            key);
        }
    }

    private void limit(Admitted admitted, @Nullable KeyConfig key) {
        if (key == null) {
            starter.start(admitted);
            return;
        }
        RoutingContext routing = admitted.routing();
        String name = RunId.at(gateway.clock().millis()).value();
        limiter.admit(key, name, admitted.context())
                .map(verdict -> {
                    switch (verdict) {
                        case RateLimiter.Verdict.Refused(Failure failure) -> {
                            tell(admitted, failure);
                            refuse(routing, failure);
                        }
                        case RateLimiter.Verdict.Unlimited _ -> starter.start(admitted);
                        case RateLimiter.Verdict.Passed passed -> {
                            RateLimitHeaders.put(routing.response(), passed);
                            starter.start(admitted);
                        }
                    }
                    return verdict;
                })
                .onFailure(routing::fail);
    }

    private void tell(Admitted admitted, Failure failure) {
        if (failure instanceof Failure.RateLimited limited) {
            gateway.denials()
                    .limited(
                            limited,
                            admitted.key(),
                            admitted.ask().agent(),
                            Routes.request(admitted.routing()));
        }
    }

    private void refuse(RoutingContext routing, Failure failure) {
        if (failure instanceof Failure.RateLimited(long limit, Duration retryAfter)) {
            RateLimitHeaders.put(routing.response(), limit, 0, retryAfter);
        }
        Responses.error(routing.response(), dialect.error(failure, false));
    }
}
