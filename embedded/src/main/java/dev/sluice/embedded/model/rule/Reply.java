package dev.sluice.embedded.model.rule;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a rule answers with: a model's answer or an HTTP error.
public sealed interface Reply {

    /// Headers put on the response.
    Map<String, String> headers();

    /// A model's answer, streamed or not as the request asks.
    ///
    /// @param text the answer, a template
    /// @param reasoning what is sent as `reasoning_content` before it, a template
    /// @param toolCalls in the order in which they are sent, after the text
    /// @param finishReason by default `tool_calls` if there are any, else `stop`
    /// @param usage fields that replace the counted ones
    /// @param repeat how many times the text is sent, joined by spaces
    /// @param extra fields put into each delta
    /// @param fault how the answer goes wrong, if it does
    record Answer(
            String text,
            String reasoning,
            List<Call> toolCalls,
            @Nullable String finishReason,
            @Nullable ObjectNode usage,
            int repeat,
            @Nullable ObjectNode extra,
            Map<String, String> headers,
            Fault fault)
            implements Reply {
        public Answer {
            toolCalls = List.copyOf(toolCalls);
            headers = Map.copyOf(headers);
        }
    }

    /// An HTTP error.
    ///
    /// @param status from 400 to 599
    /// @param error the members of the body's `error`; the status's usual ones where absent
    /// @param malformed whether the body is HTML, as proxies send it
    record HttpError(
            int status, @Nullable ObjectNode error, boolean malformed, Map<String, String> headers)
            implements Reply {
        public HttpError {
            headers = Map.copyOf(headers);
        }
    }

    /// A tool call of an answer.
    ///
    /// @param tool which tool is called
    /// @param arguments strings in it are templates
    /// @param id its id; by default `call_0`, `call_1`, … by position
    record Call(Tool tool, JsonNode arguments, @Nullable String id) {}

    /// Which tool a call names.
    sealed interface Tool {

        /// The tool of that name, offered or not.
        record Named(String name) implements Tool {}

        /// The first offered tool whose whole name matches.
        record Matching(Pattern pattern) implements Tool {}

        /// The name to call, if there is one.
        default Optional<String> resolve(List<String> offered) {
            return switch (this) {
                case Named(String name) -> Optional.of(name);
                case Matching(Pattern pattern) ->
                        offered.stream()
                                .filter(name -> pattern.matcher(name).matches())
                                .findFirst();
            };
        }
    }

    /// How an answer goes wrong.
    sealed interface Fault {

        /// Not at all.
        record None() implements Fault {}

        /// The connection is closed after that many chunks; 0: before the status line.
        record CutAfter(int chunks) implements Fault {}

        /// Nothing more comes after that many chunks until the client goes.
        record HangAfter(int chunks) implements Fault {}

        /// A frame that is no JSON precedes the first chunk; unstreamed, the body is no JSON.
        record Malformed() implements Fault {}
    }
}
