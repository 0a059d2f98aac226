package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Json;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// How a failure is told to OpenAI's clients: the status, type and code that their SDKs look at,
/// and a message that says what to do. `headers` are those that this failure has of its own.
record Wording(
        int status,
        String type,
        @Nullable String param,
        @Nullable String code,
        String message,
        Map<String, String> headers) {
    private static final String INVALID = "invalid_request_error";
    private static final String SERVER = "server_error";
    private static final String UPSTREAM = "upstream_error";
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private Wording(int status, String type, @Nullable String code, String message) {
        this(status, type, null, code, message, Map.of());
    }

    static Wording of(Failure failure) {
        return switch (failure) {
            case Failure.InvalidRequest(String param, String problem, String code) ->
                    new Wording(400, INVALID, param, code, problem, Map.of());
            case Failure.Unauthenticated(boolean presented) ->
                    new Wording(
                                    401,
                                    INVALID,
                                    "invalid_api_key",
                                    presented
                                            ? "Incorrect API key provided. Check that it is complete and has"
                                                    + " not expired."
                                            : "You didn't provide an API key. Provide it in an"
                                                    + " Authorization header using Bearer auth (i.e."
                                                    + " Authorization: Bearer YOUR_KEY).")
                            .with("www-authenticate", "Bearer");
            case Failure.AgentNotFound(String agent) ->
                    new Wording(
                            404,
                            INVALID,
                            "model_not_found",
                            "The model `"
                                    + Field.shown(agent)
                                    + "` does not exist or you do not have access to it.");
            case Failure.NotPermitted(String right) ->
                    new Wording(
                            403,
                            INVALID,
                            "insufficient_permissions",
                            "Your API key lacks the right '" + right + "' that this needs.");
            case Failure.RouteNotFound(String path) ->
                    new Wording(
                            404,
                            INVALID,
                            "unknown_url",
                            "Unknown request URL: "
                                    + Field.shown(path)
                                    + ". Please check the URL for typos.");
            case Failure.MethodNotAllowed(String method, var allowed) ->
                    new Wording(
                                    405,
                                    INVALID,
                                    "method_not_supported",
                                    "Not allowed to %s here. Use %s instead."
                                            .formatted(
                                                    Field.shown(method),
                                                    String.join(" or ", allowed)))
                            .with("allow", String.join(", ", allowed));
            case Failure.BodyTooLarge(long limit) ->
                    new Wording(
                            413,
                            INVALID,
                            "request_too_large",
                            "The body of your request is larger than the limit of "
                                    + limit
                                    + " bytes. Send less in one request.");
            case Failure.UnsupportedMediaType(String mediaType) ->
                    new Wording(
                            415,
                            INVALID,
                            "unsupported_content_type",
                            "Unsupported content type: '"
                                    + Field.shown(mediaType)
                                    + "'. Send 'application/json'.");
            case Failure.RunNotFound(String run, Duration retention) ->
                    new Wording(
                            404,
                            INVALID,
                            "run_not_found",
                            "No run '"
                                    + Field.shown(run)
                                    + "' found. Runs are kept for "
                                    + readable(retention)
                                    + " after their end, for the key that started them.");
            case Failure.IdempotencyConflict() ->
                    new Wording(
                            422,
                            "idempotency_error",
                            "idempotency_key_reused",
                            "The Idempotency-Key came with another request before. Use a new key for a"
                                    + " new request, or repeat the same one.");
            case Failure.CutShort(String run, var cause) -> cutShort(run, cause);
            case Failure.Overdue(String run, String status) ->
                    new Wording(
                            504,
                            SERVER,
                            "deadline_exceeded",
                            "Run '%s' has not come to its end within its time limit; its status is '%s'."
                                            .formatted(run, status)
                                    + look(run));
            case Failure.RateLimited(long limit, Duration after) ->
                    new Wording(
                                    429,
                                    "requests",
                                    "rate_limit_exceeded",
                                    "Rate limit reached: %d requests per minute. Please try again in %d s."
                                            .formatted(limit, seconds(after)))
                            .retryAfter(after);
            case Failure.Unavailable(var reason, Duration after) ->
                    unavailable(reason).retryAfter(after);
            case Failure.UpstreamRateLimited(String provider, Duration after) ->
                    upstream(
                                    429,
                                    "rate_limit_exceeded",
                                    provider,
                                    "limits the rate of requests. Please try again later.")
                            .retryAfter(after);
            case Failure.UpstreamFailed(String provider, int status) ->
                    upstream(
                            status == 504 ? 504 : 502,
                            "upstream_failed",
                            provider,
                            "answered with status " + status + ". Please try again later.");
            case Failure.UpstreamUnreachable(String provider) ->
                    upstream(
                            502,
                            "upstream_unreachable",
                            provider,
                            "cannot be reached. Please try again later.");
            case Failure.UpstreamUnreadable(String provider) ->
                    upstream(
                            502,
                            "upstream_unreadable",
                            provider,
                            "sent an answer that cannot be read. If this persists, check its"
                                    + " configuration.");
            case Failure.UpstreamCut(String provider) ->
                    upstream(
                            502,
                            "upstream_cut",
                            provider,
                            "broke off its answer. Please try again.");
            case Failure.UpstreamTimedOut(String provider, var phase) ->
                    upstream(504, "upstream_timeout", provider, tooLong(phase));
            case Failure.ToolSourceUnavailable(String source) ->
                    new Wording(
                            502,
                            UPSTREAM,
                            "tool_source_unavailable",
                            "The tool source `"
                                    + Field.shown(source)
                                    + "` that this agent needs cannot be started or reached. Please"
                                    + " try again later; if this persists, check its configuration.");
            case Failure.DeadlineExceeded() ->
                    new Wording(
                            504,
                            SERVER,
                            "deadline_exceeded",
                            "The run did not come to its end within its time limit. Ask for less, or"
                                    + " allow it more time.");
            // OpenAI's clients repeat by themselves what is answered with 409.
            case Failure.Cancelled() ->
                    new Wording(
                                    409,
                                    INVALID,
                                    "run_cancelled",
                                    "The run was cancelled before it came to its end.")
                            .onceOnly();
            case Failure.WorkerLost() ->
                    new Wording(
                            500,
                            SERVER,
                            "worker_lost",
                            "The server that executed the run went away before the run's end."
                                    + " Check for effects of its tools before you try again.");
            case Failure.Internal() ->
                    new Wording(
                            500,
                            SERVER,
                            null,
                            "The server had an error while processing your request. If this"
                                    + " persists, report it with the x-request-id of this answer.");
        };
    }

    private static Wording cutShort(String run, Failure.CutShort.Cause cause) {
        return switch (cause) {
            case SHUTTING_DOWN ->
                    new Wording(
                                    503,
                                    SERVER,
                                    "shutting_down",
                                    "The server is shutting down, and run '%s' goes on elsewhere."
                                                    .formatted(run)
                                            + look(run))
                            .retryAfter(RETRY_AFTER);
            case TURN_RESET ->
                    new Wording(
                            500,
                            SERVER,
                            "turn_reset",
                            "The model was asked again after a fault and said something else than what"
                                    + " was streamed. Run '%s' goes on.".formatted(run)
                                    + look(run));
            case FAULT ->
                    new Wording(
                            500,
                            SERVER,
                            "stream_broken",
                            "The server had an error while it followed run '%s', which goes on."
                                            .formatted(run)
                                    + look(run));
        };
    }

    private static String look(String run) {
        return " GET /v1/runs/" + run + " has its result.";
    }

    private static String readable(Duration duration) {
        return duration.toHours() > 0 && duration.toSeconds() % 3600 == 0
                ? duration.toHours() + " h"
                : duration.toSeconds() % 60 == 0
                        ? duration.toMinutes() + " min"
                        : duration.toSeconds() + " s";
    }

    private static Wording unavailable(Failure.Unavailable.Reason reason) {
        return switch (reason) {
            case TOO_MANY_WAITING ->
                    unavailable("overloaded", "The server is overloaded. Please try again later.");
            case WORKERS_BUSY ->
                    unavailable(
                            "workers_busy",
                            "Requests wait too long for a worker at the moment. Please try again"
                                    + " later.");
            case SHUTTING_DOWN ->
                    unavailable("shutting_down", "The server is shutting down. Please try again.");
            case LOG_UNAVAILABLE ->
                    unavailable(
                            "log_unavailable",
                            "The server cannot take requests at the moment. Please try again"
                                    + " later.");
            case PUBLISH_UNKNOWN ->
                    unavailable(
                                    "publish_unknown",
                                    "The server cannot tell whether it took the request, and cancels it in"
                                            + " case it did. Check for effects before you try again.")
                            .onceOnly();
            case LIMITS_UNAVAILABLE ->
                    unavailable(
                            "limits_unavailable",
                            "The server cannot check rate limits at the moment. Please try again"
                                    + " later.");
            case RUNS_UNAVAILABLE ->
                    unavailable(
                            "runs_unavailable",
                            "The server cannot look runs up at the moment. Please try again later.");
        };
    }

    private static Wording unavailable(String code, String message) {
        return new Wording(503, SERVER, code, message);
    }

    private static Wording upstream(int status, String code, String provider, String message) {
        return new Wording(
                status,
                UPSTREAM,
                code,
                "The model provider `" + Field.shown(provider) + "` " + message);
    }

    private static String tooLong(Failure.UpstreamTimedOut.Phase phase) {
        return switch (phase) {
            case CONNECT -> "took too long to accept a connection. Please try again later.";
            case FIRST_TOKEN -> "took too long to begin its answer. Please try again later.";
            case BETWEEN_TOKENS -> "stopped in the middle of its answer. Please try again.";
            case TOTAL -> "took too long to finish its answer. Ask for a shorter one.";
        };
    }

    /// The body of an error answer, and the data of a stream's last frame.
    ObjectNode body() {
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.putObject("error")
                .put("message", message)
                .put("type", type)
                .put("param", param)
                .put("code", code);
        return body;
    }

    private Wording retryAfter(@Nullable Duration after) {
        return after == null ? this : with("retry-after", Long.toString(seconds(after)));
    }

    /// Tells clients not to repeat the request, whatever the status.
    private Wording onceOnly() {
        return with("x-should-retry", "false");
    }

    private Wording with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Wording(status, type, param, code, message, more);
    }

    private static long seconds(Duration after) {
        return Math.max(1, after.plusNanos(999_999_999).toSeconds());
    }
}
