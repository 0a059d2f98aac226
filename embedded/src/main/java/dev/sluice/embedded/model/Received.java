package dev.sluice.embedded.model;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A chat completion request that a [ScriptedModel] got, as things stood when the journal was read.
///
/// @param number from 1, in the order of arrival
/// @param at when its body was complete
/// @param headers by lower-case name; a repeated one's last value
/// @param body as parsed; missing if it was no JSON
/// @param rule the name of the rule that answered, `fallback`, or null if none did
/// @param ruleIndex its place in the script, from 0; -1 for the fallback and for none
/// @param status the HTTP status, 0 while none was sent
/// @param chunks how many chunks of content have been sent
/// @param usage the tokens that it was told it took; null where it was told none, or not yet
/// @param end how it ended, or stands
/// @param ended when it ended, null while it goes on
public record Received(
        long number,
        Instant at,
        Map<String, String> headers,
        JsonNode body,
        @Nullable String rule,
        int ruleIndex,
        int status,
        long chunks,
        @Nullable JsonNode usage,
        End end,
        @Nullable Instant ended) {

    /// How a request ended, or stands.
    public enum End {
        /// Being answered.
        ANSWERING,
        /// Sent what it was to send, and silent until the client goes.
        HANGING,
        /// Answered in full, errors included.
        COMPLETED,
        /// Cut off as the script has it.
        CUT,
        /// The client closed the connection first.
        CLIENT_GONE
    }

    /// A header's value, null if it was not sent; `name` in lower case.
    public @Nullable String header(String name) {
        return headers.get(name);
    }
}
