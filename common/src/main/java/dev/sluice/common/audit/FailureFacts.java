package dev.sluice.common.audit;

import dev.sluice.common.run.Failure;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Why a run failed, without a word of what its client or its provider said.
///
/// @param code the word that `GET /v1/runs/{id}` has for it in `error.code`
/// @param provider the provider at fault, where it is one
/// @param status what the provider answered, where it did
/// @param source the tool source at fault, where it is one
public record FailureFacts(
        String code, @Nullable String provider, @Nullable Integer status, @Nullable String source) {
    /// The code of a request that cannot be run as it stands, where the provider has none for it.
    public static final String INVALID_REQUEST = "invalid_request";

    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    /// The facts of a failure.
    public static FailureFacts of(Failure failure) {
        return switch (failure) {
            // A provider's own word, which may be anything.
            case Failure.InvalidRequest(_, _, String code) ->
                    facts(code == null || !WORD.matcher(code).matches() ? INVALID_REQUEST : code);
            case Failure.Unauthenticated _ -> facts("invalid_api_key");
            case Failure.AgentNotFound _ -> facts("model_not_found");
            case Failure.NotPermitted _ -> facts("insufficient_permissions");
            case Failure.RouteNotFound _ -> facts("unknown_url");
            case Failure.MethodNotAllowed _ -> facts("method_not_supported");
            case Failure.BodyTooLarge _ -> facts("request_too_large");
            case Failure.UnsupportedMediaType _ -> facts("unsupported_content_type");
            case Failure.RateLimited _ -> facts("rate_limit_exceeded");
            case Failure.Unavailable _ -> facts("unavailable");
            case Failure.RunNotFound _ -> facts("run_not_found");
            case Failure.IdempotencyConflict _ -> facts("idempotency_key_reused");
            case Failure.CutShort _ -> facts("cut_short");
            case Failure.Overdue _, Failure.DeadlineExceeded _ -> facts("deadline_exceeded");
            case Failure.UpstreamRateLimited(String provider, _) ->
                    upstream("rate_limit_exceeded", provider, 429);
            case Failure.UpstreamFailed(String provider, int status) ->
                    upstream("upstream_failed", provider, status);
            case Failure.UpstreamUnreachable(String provider) ->
                    upstream("upstream_unreachable", provider, null);
            case Failure.UpstreamUnreadable(String provider) ->
                    upstream("upstream_unreadable", provider, null);
            case Failure.UpstreamCut(String provider) -> upstream("upstream_cut", provider, null);
            case Failure.UpstreamTimedOut(String provider, _) ->
                    upstream("upstream_timeout", provider, null);
            case Failure.ToolSourceUnavailable(String source) ->
                    new FailureFacts("tool_source_unavailable", null, null, source);
            case Failure.Cancelled _ -> facts("run_cancelled");
            case Failure.WorkerLost _ -> facts("worker_lost");
            case Failure.Internal _ -> facts("internal_error");
        };
    }

    private static FailureFacts facts(String code) {
        return new FailureFacts(code, null, null, null);
    }

    private static FailureFacts upstream(String code, String provider, @Nullable Integer status) {
        return new FailureFacts(code, provider, status, null);
    }
}
