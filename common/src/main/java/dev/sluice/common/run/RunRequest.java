package dev.sluice.common.run;

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
/// @param replyPartition the partition of the reply topic that takes the run's events
/// @param journalFrom a position there before which the run has no events
/// @param attemptFloor an attempt that was already started; the next claim is above it
/// @param acceptedAt when the gateway took the request, by its clock
/// @param deadline when the run must have come to its end
public record RunRequest(
        RunId run,
        String agent,
        @Nullable String key,
        List<Message> messages,
        List<ToolDefinition> tools,
        Map<String, JsonNode> parameters,
        int replyPartition,
        long journalFrom,
        int attemptFloor,
        Instant acceptedAt,
        Instant deadline) {
    /// The name of the record's header that holds the id of the client's request, for the logs.
    public static final String REQUEST_ID = "x-request-id";

    public RunRequest {
        Objects.requireNonNull(run, "run");
        Objects.requireNonNull(agent, "agent");
        Objects.requireNonNull(acceptedAt, "accepted_at");
        Objects.requireNonNull(deadline, "deadline");
        messages = Copies.of(messages);
        tools = Copies.of(tools);
        parameters = Copies.of(parameters);
    }
}
