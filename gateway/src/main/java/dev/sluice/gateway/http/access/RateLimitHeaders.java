package dev.sluice.gateway.http.access;

import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/// The headers in which OpenAI's clients look for what is left of a limit.
public final class RateLimitHeaders {
    private RateLimitHeaders() {}

    /// Writes what is left after a request that passed.
    public static void put(HttpServerResponse response, RateLimiter.Verdict.Passed passed) {
        put(response, passed.limit(), passed.left(), passed.reset());
    }

    /// Writes how many are left of so many, and until when.
    public static void put(HttpServerResponse response, long limit, long left, Duration reset) {
        response.putHeader("x-ratelimit-limit-requests", String.valueOf(limit))
                .putHeader("x-ratelimit-remaining-requests", String.valueOf(left))
                .putHeader("x-ratelimit-reset-requests", reset.toMillis() + "ms");
    }
}
