package dev.sluice.embedded.mcp;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A tool call that a server got, as things stood when the journal was read.
///
/// @param tool the tool's name
/// @param arguments as sent
/// @param meta the request's `_meta`
/// @param headers the HTTP request's headers, by their names in lower case; none over stdio
/// @param started when the tool began
/// @param ended when it ended, null while it runs
public record ToolInvocation(
        String tool,
        Map<String, Object> arguments,
        Map<String, Object> meta,
        Map<String, String> headers,
        Instant started,
        @Nullable Instant ended,
        Outcome outcome) {

    /// How a call ended, or that it has not.
    public enum Outcome {
        /// Not ended.
        RUNNING,
        /// With a result.
        RETURNED,
        /// With an error result.
        FAILED,
        /// The client cancelled it or went away.
        CANCELLED
    }
}
