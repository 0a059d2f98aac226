package dev.sluice.gateway.dialect;

import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import dev.sluice.common.run.ToolDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What a client asks for, read from its dialect.
///
/// @param agent the agent it names as the model
/// @param messages the conversation
/// @param tools the client's own tools
/// @param parameters request parameters by their Chat Completions names, unknown ones included
/// @param terms what it says of the run itself
/// @param delivery how it wants the answer
public record Ask(
        String agent,
        List<Message> messages,
        List<ToolDefinition> tools,
        Map<String, JsonNode> parameters,
        Terms terms,
        Delivery delivery) {

    /// What a client says of its run, beside what the run is to do.
    ///
    /// @param metadata the client's own words about it
    /// @param onDisconnect what becomes of it when nobody watches it any more; null where the
    ///   client does not say
    /// @param background whether nobody waits for it
    /// @param lane the queue in which it is to wait for a worker
    /// @param until by when it must have come to its end; null where the body does not say
    public record Terms(
            Map<String, String> metadata,
            @Nullable OnDisconnect onDisconnect,
            boolean background,
            Lane lane,
            @Nullable Until until) {
        public Terms {
            metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        }
    }

    /// By when a run must have come to its end.
    public sealed interface Until {
        /// At that time.
        record At(Instant time) implements Until {}

        /// So long after it was accepted.
        record Within(Duration timeout) implements Until {}
    }

    /// How a client wants the answer.
    public sealed interface Delivery {
        /// It waits for what the run says.
        sealed interface Awaited extends Delivery {
            /// How that is encoded.
            Dialect.Format format();
        }

        /// While the run goes on.
        record Streamed(Dialect.Format format) implements Awaited {}

        /// As one body, when the run has ended.
        record Whole(Dialect.Format format) implements Awaited {}

        /// Not at all: it is told which run it started, and asks later.
        record Receipt() implements Delivery {}
    }
}
