package dev.sluice.worker.run;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.ToolDefinition;
import dev.sluice.common.run.TraceContext;
import dev.sluice.common.run.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A model behind a provider, as the engine sees it. Safe for any number of threads.
public interface Model {

    /// Has the model take one turn. Blocks the calling virtual thread until the turn is complete or
    /// failed; meanwhile `deltas` is told of each piece, on the provider's own thread and never on
    /// two at once, and for the last time before this returns.
    ///
    /// @throws InterruptedException if the run is to stop; the upstream call is then reset
    Answer generate(Prompt prompt, Deltas deltas) throws InterruptedException;

    /// Whether it takes a prefill: a conversation may end with the beginning of the answer, which
    /// it then continues, and of which it tells the continuation alone.
    default boolean takesPrefill() {
        return false;
    }

    /// What a model is asked.
    ///
    /// @param model the provider's name of the model
    /// @param messages the conversation, instructions first
    /// @param tools the tools on offer; none forces an answer
    /// @param parameters by their Chat Completions names; those unknown to Sluice go out verbatim
    /// @param callIds a new unique id for each tool call of the answer
    /// @param timeLeft until the run's deadline
    record Prompt(
            String model,
            List<Message> messages,
            List<ToolDefinition> tools,
            Map<String, JsonNode> parameters,
            Supplier<String> callIds,
            Duration timeLeft,
            @Nullable TraceContext trace) {
        public Prompt {
            messages = List.copyOf(messages);
            tools = List.copyOf(tools);
        }
    }

    /// How a turn came to its end.
    sealed interface Answer {
        /// It is complete. `model` is what the provider calls the model that answered.
        record Turn(Message message, FinishReason finishReason, Usage usage, String model)
                implements Answer {}

        /// It failed, perhaps after some deltas. `usage` is what the provider reported until then.
        record Failed(Failure failure, Usage usage) implements Answer {}
    }

    /// Is told what the model says while it says it. Implementations do not block.
    interface Deltas {
        /// A piece of text.
        void text(String text);

        /// A piece of thought.
        void reasoning(String text);

        /// A piece of a refusal.
        void refusal(String text);

        /// A piece of a tool call; `id` is the unique one, `name` the whole name with every piece,
        /// `arguments` the new part of them, perhaps empty.
        void toolCall(String id, String name, String arguments);

        /// Fields that Sluice has no name for, of the chunk, its choice and the choice's delta; at
        /// least one of them is not empty.
        void verbatim(
                Map<String, JsonNode> chunk,
                Map<String, JsonNode> choice,
                Map<String, JsonNode> delta);

        /// Nothing more is there to be told at the moment: whoever gathers pieces passes them on.
        /// Not called where a turn ends with what came last.
        void flush();
    }
}
