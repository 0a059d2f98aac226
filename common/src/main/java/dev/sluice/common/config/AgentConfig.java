package dev.sluice.common.config;

import dev.sluice.common.config.binding.Checks;
import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// An agent: a model, what it is told, and the tools it may use.
@Doc("An agent: a model, what it is told, and the tools it may use.")
public record AgentConfig(
        @Doc("The provider that serves its model.") String provider,
        @Doc("The provider's name of the model.") String model,
        @Doc("For people, shown where agents are listed.") @Nullable String description,
        @Doc("What the model is told before anything else.") @Nullable String instructions,
        @Doc(
                        "What becomes of the instructions when the client sends a system or developer"
                                + " message of its own: `prepend` puts them before it,"
                                + " `replace_if_present` drops them.")
                @Default("prepend")
                InstructionsMode instructionsMode,
        @Doc("The MCP servers whose tools it may use.") List<String> mcpServers,
        @Doc(
                        "Which of its servers' tools it may use: `allow` and `deny` patterns of the names that models see, `<server>__<tool>`.")
                @Default("{}")
                ToolFilter tools,
        @Doc(
                        "How many turns may call tools. After them one last turn without tools forces"
                                + " an answer.")
                @Default("8")
                int maxTurns,
        @Doc(
                        "What becomes of a run when its client goes away: `cancel`, or `continue`."
                                + " A request may say otherwise.")
                @Default("cancel")
                OnDisconnect onDisconnect,
        @Doc(
                        "Request parameters the client did not set, by their Chat Completions names:"
                                + " `temperature`, `max_completion_tokens`, `reasoning_effort` …")
                Map<String, JsonNode> parameters) {

    private static final Set<String> RESERVED =
            Set.of("model", "messages", "stream", "stream_options", "n", "tools");

    /// What becomes of an agent's instructions beside a client's own.
    public enum InstructionsMode {
        /// The agent's come first, the client's follow.
        PREPEND,
        /// The client's stand in for the agent's.
        REPLACE_IF_PRESENT
    }

    public AgentConfig {
        mcpServers = List.copyOf(mcpServers);
        parameters = FileOrder.copy(parameters);
        List<String> reserved = parameters.keySet().stream().filter(RESERVED::contains).toList();
        new Checks()
                .that(!model.isBlank(), "model", "must not be blank")
                .that(
                        reserved.isEmpty(),
                        "parameters",
                        "must not set " + String.join(", ", reserved) + ": the run decides that")
                .that(maxTurns >= 1 && maxTurns <= 1000, "max_turns", "must be between 1 and 1000")
                .done();
    }
}
