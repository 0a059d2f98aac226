package dev.sluice.worker.tool.mcp;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A connection to an MCP server that carries JSON-RPC messages both ways. Safe for any number of
/// threads.
interface Wire {

    /// Connects, once. Blocks until messages can be sent.
    void open(Listener listener, Duration timeout)
            throws IOException, InterruptedException, TimeoutException;

    /// The protocol versions that can be spoken over it, the oldest first.
    List<String> versions();

    /// Is told that the handshake is done.
    void ready(String version);

    /// Sends a message, without blocking. The future is never exceptional: it is empty once the
    /// message is with the server, or says why it will never be answered.
    CompletableFuture<Optional<Reply.Unanswered>> send(ObjectNode message);

    /// Disconnects and ends what was started, in three seconds at most. May be called again.
    void close();

    /// Is told what comes over the wire. Implementations do not block.
    interface Listener {
        /// A message came.
        void received(JsonNode message);

        /// The request of this id will not be answered any more.
        void unanswered(int id, Reply.Unanswered reply);

        /// The wire still carries calls, but should be replaced before the next.
        void worn(String reason);

        /// The server may be gone; it should be asked.
        void doubted(String reason);

        /// Nothing will come any more.
        void ended(String reason);
    }
}
