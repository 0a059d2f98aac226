package dev.sluice.common.audit;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Message;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an event of the audit stream says: the `data` of its CloudEvent, whose fields are these
/// records' in snake case. What people, models and tools said (`content`, `arguments`, `result`) is
/// there only where `audit.include_content` asks for it.
public sealed interface AuditEvent {
    /// Its kind.
    AuditType type();

    /// The same without what people, models and tools said.
    default AuditEvent withoutContent() {
        return this;
    }

    /// The gateway took a request.
    ///
    /// @param messages how many messages the client sent
    /// @param metadata the client's own words about the run
    record RunAccepted(
            Lane lane,
            boolean background,
            Instant deadline,
            int messages,
            Map<String, String> metadata,
            @Nullable List<Message> content)
            implements AuditEvent {
        public RunAccepted {
            metadata = metadata == null ? Map.of() : Map.copyOf(metadata);
            content = content == null ? null : List.copyOf(content);
        }

        @Override
        public AuditType type() {
            return AuditType.RUN_ACCEPTED;
        }

        @Override
        public AuditEvent withoutContent() {
            return new RunAccepted(lane, background, deadline, messages, metadata, null);
        }
    }

    /// A worker began the first attempt; it may be unknown where another worker tells of it.
    record RunStarted(@Nullable String worker) implements AuditEvent {
        @Override
        public AuditType type() {
            return AuditType.RUN_STARTED;
        }
    }

    /// No worker had the run any more, and it waited for another.
    record RunWaiting() implements AuditEvent {
        @Override
        public AuditType type() {
            return AuditType.RUN_WAITING;
        }
    }

    /// A worker took the run up; it may be unknown where another worker tells of it.
    record RunResumed(@Nullable String worker) implements AuditEvent {
        @Override
        public AuditType type() {
            return AuditType.RUN_RESUMED;
        }
    }

    /// A turn of the model came to its end.
    ///
    /// @param model what the provider calls the model that answered
    /// @param usage what the provider counted
    /// @param toolCalls how many tools it called, the client's own included
    record TurnCompleted(
            int turn,
            String model,
            FinishReason finishReason,
            Tokens usage,
            int toolCalls,
            @Nullable Message content)
            implements AuditEvent {
        @Override
        public AuditType type() {
            return AuditType.TURN_COMPLETED;
        }

        @Override
        public AuditEvent withoutContent() {
            return new TurnCompleted(turn, model, finishReason, usage, toolCalls, null);
        }
    }

    /// A turn of the model broke off, of which something was told or counted.
    ///
    /// @param usage an estimate
    record TurnCut(int turn, Tokens usage) implements AuditEvent {
        @Override
        public AuditType type() {
            return AuditType.TURN_CUT;
        }
    }

    /// A call of a server-side tool came to its end.
    ///
    /// @param tool null for one that there is not: its name is what a model said
    /// @param durationMs in milliseconds
    /// @param argumentsSha256 the digest of its arguments, see [ArgumentsDigest]; null where they
    ///   are not known
    record ToolCalled(
            int turn,
            String callId,
            @Nullable String tool,
            Outcome outcome,
            long durationMs,
            @Nullable String argumentsSha256,
            @Nullable String arguments,
            @Nullable List<ContentPart> result)
            implements AuditEvent {
        public ToolCalled {
            result = result == null ? null : List.copyOf(result);
        }

        @Override
        public AuditType type() {
            return AuditType.TOOL_CALLED;
        }

        @Override
        public AuditEvent withoutContent() {
            return new ToolCalled(
                    turn, callId, tool, outcome, durationMs, argumentsSha256, null, null);
        }

        /// What a call came to.
        public enum Outcome {
            /// What the tool was asked for.
            @JsonProperty("ok")
            OK,
            /// A failure.
            @JsonProperty("failed")
            FAILED,
            /// Nobody knows whether it took effect.
            @JsonProperty("unknown")
            UNKNOWN
        }
    }

    /// A run came to its end.
    ///
    /// @param status as `GET /v1/runs/{id}` has it
    /// @param usage what providers counted over all turns, a last one that failed included
    /// @param turns how many turns were completed
    /// @param toolCalls how many calls of server-side tools came to their end
    /// @param durationMs from its acceptance to its end, in milliseconds, by the clocks of the
    ///   machines that said so
    /// @param journal where its terminal event stands
    record RunEnded(
            RunEntry.Status status,
            @Nullable FinishReason finishReason,
            @Nullable FailureFacts failure,
            Tokens usage,
            int turns,
            int toolCalls,
            long durationMs,
            int attempt,
            Place journal)
            implements AuditEvent {
        @Override
        public AuditType type() {
            return switch (status) {
                case COMPLETED -> AuditType.RUN_COMPLETED;
                case FAILED, EXPIRED -> AuditType.RUN_FAILED;
                case CANCELLED -> AuditType.RUN_CANCELLED;
            };
        }
    }

    /// A place on the reply topic.
    record Place(int partition, long offset) {}

    /// Somebody asked for what they may not have.
    ///
    /// @param reason `no_key`, `invalid_key`, `expired_key`, `agent_not_admitted`,
    ///   `not_the_runs_key` or `not_an_admin`; of a job also `source_not_admitted`
    /// @param status what was answered over HTTP; null for a job
    /// @param request null for a job
    /// @param source who submitted the job, as the job says; null for a request over HTTP
    /// @param omitted how many events of the same reason this gateway left out before this one,
    ///   because they were too many
    record RequestDenied(
            String reason,
            @Nullable Integer status,
            @Nullable HttpFacts request,
            @Nullable String source,
            @Nullable Long omitted)
            implements AuditEvent {
        @Override
        public AuditType type() {
            return AuditType.REQUEST_DENIED;
        }
    }

    /// A key had used up its requests.
    ///
    /// @param limit how many it has a minute
    /// @param retryAfterMs when the next one is free, in milliseconds
    /// @param omitted as for a denied request
    record RequestLimited(long limit, long retryAfterMs, HttpFacts request, @Nullable Long omitted)
            implements AuditEvent {
        @Override
        public AuditType type() {
            return AuditType.REQUEST_LIMITED;
        }
    }

    /// A request over HTTP.
    ///
    /// @param id its `x-request-id`
    /// @param path without the query
    /// @param remoteAddress who sent it, as far as the gateway sees; null where it cannot tell
    record HttpFacts(String id, String method, String path, @Nullable String remoteAddress) {}
}
