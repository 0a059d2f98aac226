package dev.sluice.worker.tool.mcp;

import tools.jackson.databind.JsonNode;

/// What became of a JSON-RPC request.
sealed interface Reply {
    /// The server answered.
    record Result(JsonNode value) implements Reply {}

    /// The server answered with a JSON-RPC error.
    record Failed(int code, String message) implements Reply {}

    /// It did not answer in time.
    record TimedOut() implements Reply {}

    /// There is no answer, and there will be none.
    sealed interface Unanswered extends Reply {}

    /// It did not reach the server, or reached one that knows nothing of our session; the session
    /// is of no further use, and a new one may try again.
    record Unsent(String reason) implements Unanswered {}

    /// The server's HTTP side turned it away.
    record Rejected(int status) implements Unanswered {}

    /// The server went away before it answered: it may have acted or not.
    record Lost(String reason) implements Unanswered {}
}
