package dev.sluice.common.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Something that happened in a run. On the wire an event's type is its record's name in snake
/// case, and its fields stand beside the [Reply]'s own.
///
/// `turn` counts a run's calls of the model from 1. Deltas are what a model says while it says it;
/// [TurnCompleted] and [ToolCompleted] are **steps**, from which a run can be resumed; the last
/// three are terminal, and a run has exactly one of them.
public sealed interface RunEvent {

    /// A worker began to execute the run. It precedes the reading of the journal and therefore has
    /// no number of its own: its `seq` is 0.
    ///
    /// @param closing true where the attempt is made only to say how the run ends; absent otherwise
    record AttemptStarted(String worker, @Nullable Boolean closing) implements RunEvent {
        /// One that means to execute the run.
        public AttemptStarted(String worker) {
            this(worker, null);
        }

        /// Whether the attempt means to execute the run.
        public boolean executes() {
            return !Boolean.TRUE.equals(closing);
        }
    }

    /// A piece of the answer's text.
    record TextDelta(int turn, String text) implements RunEvent {}

    /// A piece of what the model thinks.
    record ReasoningDelta(int turn, String text) implements RunEvent {}

    /// A piece of a refusal.
    record RefusalDelta(int turn, String text) implements RunEvent {}

    /// A piece of a call of one of the client's own tools. `index` counts such calls of the turn
    /// from 0; the first piece of a call has its name, and `arguments` are to be joined.
    record ToolCallDelta(
            int turn, int index, String callId, @Nullable String name, String arguments)
            implements RunEvent {}

    /// Fields of the provider's own that Sluice has no name for, by the object they stood in: the
    /// chunk, its choice, the choice's delta.
    record ProviderDelta(
            int turn,
            Map<String, JsonNode> chunk,
            Map<String, JsonNode> choice,
            Map<String, JsonNode> delta)
            implements RunEvent {
        public ProviderDelta {
            chunk = Copies.of(chunk);
            choice = Copies.of(choice);
            delta = Copies.of(delta);
        }
    }

    /// The model's turn came to its end: the step that holds the whole of it. `model` is what the
    /// provider calls the model that answered.
    record TurnCompleted(
            int turn, Message message, FinishReason finishReason, Usage usage, String model)
            implements RunEvent {}

    /// A tool call came to its end: the step that holds its result.
    ///
    /// @param cause why there is no result of the tool's own; absent where there is one, be it that
    ///   it failed
    record ToolCompleted(
            int turn,
            String tool,
            ContentPart.ToolResult result,
            Duration duration,
            @Nullable Cause cause)
            implements RunEvent {
        /// One with a result of the tool's own.
        public ToolCompleted(
                int turn, String tool, ContentPart.ToolResult result, Duration duration) {
            this(turn, tool, result, duration, null);
        }

        /// Why a call has no result of its tool's own.
        public enum Cause {
            /// Whether the call took effect is not known: its worker, or the tool's server, went
            /// away during the call.
            @JsonProperty("unknown")
            UNKNOWN,
            /// There is no such tool; the name is the model's.
            @JsonProperty("no_such_tool")
            NO_SUCH_TOOL
        }
    }

    /// What was told of the turn so far is void: the model was asked again after a crash and said
    /// something else, which follows.
    record TurnReset(int turn) implements RunEvent {}

    /// Somebody wants the run cancelled. A gateway writes it beside the attempts: its `seq` and
    /// attempt are 0, it counts for no reader, and whoever resumes the run heeds it.
    record CancelRequested() implements RunEvent {}

    /// The run came to its end as it should. `usage` is that of all its turns.
    record RunCompleted(FinishReason finishReason, Usage usage) implements RunEvent {}

    /// The run failed.
    record RunFailed(Failure failure, Usage usage) implements RunEvent {}

    /// The run was cancelled.
    record RunCancelled(Usage usage) implements RunEvent {}

    /// An event of a later version than this process knows. It keeps its number and means nothing.
    record Unknown(String type) implements RunEvent {}

    /// Whether this is a run's end.
    default boolean terminal() {
        return switch (this) {
            case RunCompleted _, RunFailed _, RunCancelled _ -> true;
            case AttemptStarted _,
                    TextDelta _,
                    ReasoningDelta _,
                    RefusalDelta _,
                    ToolCallDelta _,
                    ProviderDelta _,
                    TurnCompleted _,
                    ToolCompleted _,
                    TurnReset _,
                    CancelRequested _,
                    Unknown _ ->
                    false;
        };
    }

    /// Whether this is a piece of what the model says.
    default boolean piece() {
        return switch (this) {
            case TextDelta _, ReasoningDelta _, RefusalDelta _, ToolCallDelta _, ProviderDelta _ ->
                    true;
            case AttemptStarted _,
                    TurnCompleted _,
                    ToolCompleted _,
                    TurnReset _,
                    CancelRequested _,
                    RunCompleted _,
                    RunFailed _,
                    RunCancelled _,
                    Unknown _ ->
                    false;
        };
    }

    /// Whether this is a step of the journal: what a resumed run takes up after.
    default boolean step() {
        return this instanceof TurnCompleted || this instanceof ToolCompleted;
    }
}
