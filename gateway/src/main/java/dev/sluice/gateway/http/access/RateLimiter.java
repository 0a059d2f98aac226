package dev.sluice.gateway.http.access;

import dev.sluice.common.config.GatewayConfig.OnRedisFailure;
import dev.sluice.common.config.KeyConfig;
import dev.sluice.common.redis.LuaScript;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.run.Failure;
import io.lettuce.core.RedisException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Holds keys to their requests a minute, exactly and over all gateways: a sliding window in Redis,
/// moved by one script. Safe for any thread.
public final class RateLimiter {
    private static final Logger LOG = LoggerFactory.getLogger(RateLimiter.class);
    private static final LuaScript SCRIPT = LuaScript.resource(RateLimiter.class, "rate-limit.lua");
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final Redis redis;
    private final OnRedisFailure onFailure;
    private final Counter unchecked;

    /// A limiter that counts in this Redis.
    public RateLimiter(Redis redis, OnRedisFailure onFailure, MeterRegistry registry) {
        this.redis = redis;
        this.onFailure = onFailure;
        this.unchecked =
                Counter.builder("sluice.limits.unchecked")
                        .description("Requests of limited keys that came while Redis was away")
                        .register(registry);
    }

    /// What the limiter says of a request.
    public sealed interface Verdict {
        /// It passes; `limit`, `left` and `reset` are for its headers.
        record Passed(long limit, long left, Duration reset) implements Verdict {}

        /// It passes, and there is nothing to say.
        record Unlimited() implements Verdict {}

        /// It does not.
        record Refused(Failure failure) implements Verdict {}
    }

    /// Counts a request of this key, by a name of its own; completes on `context`.
    public Future<Verdict> admit(KeyConfig key, String request, Context context) {
        KeyConfig.RateLimit limit = key.rateLimit();
        if (limit == null) {
            return Future.succeededFuture(new Verdict.Unlimited());
        }
        long requests = limit.requestsPerMinute();
        try {
            return Future.fromCompletionStage(
                            SCRIPT.run(
                                    redis.commands(),
                                    new String[] {redis.key("rate", key.id())},
                                    String.valueOf(requests),
                                    request),
                            context)
                    .map(answer -> verdict(requests, answer))
                    .otherwise(this::unchecked);
        } catch (RedisException e) {
            return Future.succeededFuture(unchecked(e));
        }
    }

    private static Verdict verdict(long limit, List<Object> answer) {
        boolean admitted = (Long) answer.get(0) == 1;
        Duration reset = Duration.ofMillis((Long) answer.get(2));
        return admitted
                ? new Verdict.Passed(limit, (Long) answer.get(1), reset)
                : new Verdict.Refused(new Failure.RateLimited(limit, reset));
    }

    private Verdict unchecked(Throwable failure) {
        unchecked.increment();
        LOG.atDebug().setCause(failure).log("a rate limit could not be checked");
        return switch (onFailure) {
            case ALLOW -> new Verdict.Unlimited();
            case DENY ->
                    new Verdict.Refused(
                            new Failure.Unavailable(
                                    Failure.Unavailable.Reason.LIMITS_UNAVAILABLE, RETRY_AFTER));
        };
    }
}
