package dev.sluice.common.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What a client asks for, in no dialect: the value of the runs topics, and the offer of a run to
/// whichever worker claims it.
///
/// @param run the run's id, which is the record's key as well
/// @param agent the agent that is to run
/// @param key the id of the key that the client presented; null where none is needed
/// @param messages the conversation as the client sent it, without the agent's instructions
/// @param tools the client's own tools, whose calls go back to it
/// @param parameters the client's request parameters by their Chat Completions names, those that
///   Sluice does not know included
/// @param metadata the client's own words about the run, which nobody here acts on
/// @param onDisconnect what becomes of the run when nobody watches it any more
/// @param background whether it was started without anybody waiting for it
/// @param lane the queue in which it waits for a worker
/// @param replyPartition the partition of the reply topic that takes the run's events
/// @param journalFrom a position there before which the run has no events
/// @param attemptFloor an attempt that was already started; the next claim is above it
/// @param acceptedAt when the gateway took the request, by its clock
/// @param deadline when the run must have come to its end
/// @param job the job that asked for the run; null where a client did over HTTP
public record RunRequest(
        RunId run,
        String agent,
        @Nullable String key,
        List<Message> messages,
        List<ToolDefinition> tools,
        Map<String, JsonNode> parameters,
        Map<String, String> metadata,
        OnDisconnect onDisconnect,
        boolean background,
        Lane lane,
        int replyPartition,
        long journalFrom,
        int attemptFloor,
        Instant acceptedAt,
        Instant deadline,
        @Nullable JobOrigin job) {
    /// The name of the record's header that holds the id of the client's request, for the logs.
    public static final String REQUEST_ID = "x-request-id";

    /// What becomes of a run when nobody watches it any more.
    public enum OnDisconnect {
        /// It is cancelled.
        @JsonProperty("cancel")
        CANCEL,
        /// It goes on.
        @JsonProperty("continue")
        CONTINUE
    }

    public RunRequest {
        Objects.requireNonNull(run, "run");
        Objects.requireNonNull(agent, "agent");
        Objects.requireNonNull(acceptedAt, "accepted_at");
        Objects.requireNonNull(deadline, "deadline");
        messages = Copies.of(messages);
        tools = Copies.of(tools);
        parameters = Copies.of(parameters);
        metadata = Copies.of(metadata);
        onDisconnect = onDisconnect == null ? OnDisconnect.CANCEL : onDisconnect;
        lane = lane == null ? Lane.INTERACTIVE : lane;
    }

    /// A run that no job asked for.
    public RunRequest(
            RunId run,
            String agent,
            @Nullable String key,
            List<Message> messages,
            List<ToolDefinition> tools,
            Map<String, JsonNode> parameters,
            Map<String, String> metadata,
            OnDisconnect onDisconnect,
            boolean background,
            Lane lane,
            int replyPartition,
            long journalFrom,
            int attemptFloor,
            Instant acceptedAt,
            Instant deadline) {
        this(
                run,
                agent,
                key,
                messages,
                tools,
                parameters,
                metadata,
                onDisconnect,
                background,
                lane,
                replyPartition,
                journalFrom,
                attemptFloor,
                acceptedAt,
                deadline,
                null);
    }

    /// The same run, offered again: the next attempt is above `floor`.
    public RunRequest above(int floor) {
        return with(messages, tools, parameters, floor);
    }

    /// The same request as another run, which is accepted at that time and has as much time as this
    /// one had.
    ///
    /// @param from a position in the reply partition before which that run has no events
    public RunRequest as(RunId other, long from, Instant accepted) {
        return new RunRequest(
                other,
                agent,
                key,
                messages,
                tools,
                parameters,
                metadata,
                onDisconnect,
                background,
                lane,
                replyPartition,
                from,
                0,
                accepted,
                accepted.plus(Duration.between(acceptedAt, deadline)),
                job);
    }

    /// The same run without what the client said, which may be large.
    public RunRequest withoutContent() {
        return with(List.of(), List.of(), Map.of(), attemptFloor);
    }

    private RunRequest with(
            List<Message> messages,
            List<ToolDefinition> tools,
            Map<String, JsonNode> parameters,
            int floor) {
        return new RunRequest(
                run,
                agent,
                key,
                messages,
                tools,
                parameters,
                metadata,
                onDisconnect,
                background,
                lane,
                replyPartition,
                journalFrom,
                floor,
                acceptedAt,
                deadline,
                job);
    }
}
