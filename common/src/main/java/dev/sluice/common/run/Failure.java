package dev.sluice.common.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why a request was refused or a run failed: facts, which each dialect words for its own clients.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type", defaultImpl = Failure.Internal.class)
public sealed interface Failure {

    /// The request cannot be run as it stands. `param` is the field at fault, `problem` what is
    /// wrong with it; `code` is the provider's own word for it, where a provider refused the
    /// request.
    @JsonTypeName("invalid_request")
    record InvalidRequest(@Nullable String param, String problem, @Nullable String code)
            implements Failure {
        public InvalidRequest(@Nullable String param, String problem) {
            this(param, problem, null);
        }
    }

    /// No valid key came with the request; `presented` says whether any did.
    @JsonTypeName("unauthenticated")
    record Unauthenticated(boolean presented) implements Failure {}

    /// There is no such agent, or the key may not use it.
    @JsonTypeName("agent_not_found")
    record AgentNotFound(String agent) implements Failure {}

    /// The key lacks a right that its configuration would have to name.
    @JsonTypeName("not_permitted")
    record NotPermitted(String right) implements Failure {}

    /// There is nothing at this path.
    @JsonTypeName("route_not_found")
    record RouteNotFound(String path) implements Failure {}

    /// The path exists, for other methods.
    @JsonTypeName("method_not_allowed")
    record MethodNotAllowed(String method, List<String> allowed) implements Failure {
        public MethodNotAllowed {
            allowed = Copies.of(allowed);
        }
    }

    /// The body is larger than the `limit` in bytes.
    @JsonTypeName("body_too_large")
    record BodyTooLarge(long limit) implements Failure {}

    /// The body is of another type than JSON.
    @JsonTypeName("unsupported_media_type")
    record UnsupportedMediaType(String mediaType) implements Failure {}

    /// The key has used up its requests; `limit` is how many it has a minute.
    @JsonTypeName("rate_limited")
    record RateLimited(long limit, Duration retryAfter) implements Failure {}

    /// Sluice cannot take the request just now.
    @JsonTypeName("unavailable")
    record Unavailable(Reason reason, Duration retryAfter) implements Failure {
        /// Why not.
        public enum Reason {
            /// As many runs wait here as may.
            @JsonProperty("too_many_waiting")
            TOO_MANY_WAITING,
            /// Runs wait too long for a worker.
            @JsonProperty("workers_busy")
            WORKERS_BUSY,
            /// This process is shutting down.
            @JsonProperty("shutting_down")
            SHUTTING_DOWN,
            /// Kafka did not take the request.
            @JsonProperty("log_unavailable")
            LOG_UNAVAILABLE,
            /// Kafka did not say whether it took the request, which is cancelled in case it did.
            @JsonProperty("publish_unknown")
            PUBLISH_UNKNOWN,
            /// Redis, which holds the limits, cannot be reached.
            @JsonProperty("limits_unavailable")
            LIMITS_UNAVAILABLE,
            /// Redis, which knows where runs are, cannot be reached.
            @JsonProperty("runs_unavailable")
            RUNS_UNAVAILABLE
        }
    }

    /// There is no such run, or it is another key's, or it ended longer than `retention` ago.
    @JsonTypeName("run_not_found")
    record RunNotFound(String run, Duration retention) implements Failure {}

    /// The idempotency key came with another request before.
    @JsonTypeName("idempotency_conflict")
    record IdempotencyConflict() implements Failure {}

    /// An answer ends before its run does, which goes on.
    @JsonTypeName("cut_short")
    record CutShort(String run, Cause cause) implements Failure {
        /// Why it ends.
        public enum Cause {
            /// The gateway that writes it is shutting down.
            @JsonProperty("shutting_down")
            SHUTTING_DOWN,
            /// What it had told of a turn is void, and it cannot take it back.
            @JsonProperty("turn_reset")
            TURN_RESET,
            /// The gateway that writes it met a fault of its own.
            @JsonProperty("fault")
            FAULT
        }
    }

    /// The run has not come to its end though its deadline has passed; `status` is how far it is
    /// known to have come.
    @JsonTypeName("overdue")
    record Overdue(String run, String status) implements Failure {}

    /// The provider answered 429.
    @JsonTypeName("upstream_rate_limited")
    record UpstreamRateLimited(String provider, @Nullable Duration retryAfter) implements Failure {}

    /// The provider answered with a status that is not the client's fault.
    @JsonTypeName("upstream_failed")
    record UpstreamFailed(String provider, int status) implements Failure {}

    /// No connection to the provider could be had.
    @JsonTypeName("upstream_unreachable")
    record UpstreamUnreachable(String provider) implements Failure {}

    /// What the provider sent is not what its protocol says.
    @JsonTypeName("upstream_unreadable")
    record UpstreamUnreadable(String provider) implements Failure {}

    /// The provider's stream broke off before its end.
    @JsonTypeName("upstream_cut")
    record UpstreamCut(String provider) implements Failure {}

    /// The provider took longer than its configuration allows.
    @JsonTypeName("upstream_timed_out")
    record UpstreamTimedOut(String provider, Phase phase) implements Failure {
        /// What took too long.
        public enum Phase {
            /// Opening a connection.
            @JsonProperty("connect")
            CONNECT,
            /// The first piece of the answer.
            @JsonProperty("first_token")
            FIRST_TOKEN,
            /// A further piece of the answer.
            @JsonProperty("between_tokens")
            BETWEEN_TOKENS,
            /// The whole answer.
            @JsonProperty("total")
            TOTAL
        }
    }

    /// A tool source that the agent needs cannot be started or reached.
    @JsonTypeName("tool_source_unavailable")
    record ToolSourceUnavailable(String source) implements Failure {}

    /// The run's deadline passed.
    @JsonTypeName("deadline_exceeded")
    record DeadlineExceeded() implements Failure {}

    /// The run was cancelled while somebody still waited for its answer.
    @JsonTypeName("cancelled")
    record Cancelled() implements Failure {}

    /// The worker that executed the run went away before its end.
    @JsonTypeName("worker_lost")
    record WorkerLost() implements Failure {}

    /// A fault of Sluice's own. The log tells more, under the run's id.
    @JsonTypeName("internal")
    record Internal() implements Failure {}
}
