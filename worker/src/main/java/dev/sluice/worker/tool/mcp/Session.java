package dev.sluice.worker.tool.mcp;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A session with an MCP server: opened by the handshake, with the listing of its tools at hand.
/// Safe for any number of threads.
final class Session {
    private static final String VERSION =
            Optional.ofNullable(Session.class.getPackage().getImplementationVersion())
                    .orElse("dev");

    private final Wire wire;
    private final Rpc rpc;
    private final Duration startTimeout;
    private final AtomicBoolean stale = new AtomicBoolean();
    private final ReentrantLock listing = new ReentrantLock();
    private volatile List<McpTool> tools = List.of();
    private boolean offersTools;

    /// @param startTimeout how long connecting, shaking hands and listing may take
    Session(Wire wire, Duration startTimeout) {
        this.wire = wire;
        this.startTimeout = startTimeout;
        rpc = new Rpc(wire, () -> stale.set(true));
    }

    /// Connects, shakes hands and lists the tools, once. Blocks meanwhile; on failure the session
    /// is still to be closed.
    void start() throws StartFailure, InterruptedException {
        Deadline deadline = new Deadline(startTimeout);
        try {
            wire.open(rpc, deadline.left());
        } catch (IOException e) {
            throw new StartFailure(String.valueOf(e.getMessage()), e);
        } catch (TimeoutException e) {
            throw new StartFailure("it did not connect in time", e);
        }
        initialize(deadline);
        tools = list(deadline);
    }

    /// Whether calls can be made.
    boolean usable() {
        return rpc.usable();
    }

    /// The server's tools. Blocks while they are listed again, where the server said that they have
    /// changed.
    List<McpTool> tools() throws StartFailure, InterruptedException {
        listing.lockInterruptibly();
        try {
            if (stale.getAndSet(false)) {
                boolean listed = false;
                try {
                    tools = list(new Deadline(startTimeout));
                    listed = true;
                } finally {
                    if (!listed) {
                        stale.set(true);
                    }
                }
            }
            return tools;
        } finally {
            listing.unlock();
        }
    }

    /// Calls a tool and blocks until its fate is known.
    Reply call(String tool, ObjectNode arguments, ObjectNode meta, Duration timeout)
            throws InterruptedException {
        ObjectNode params = JsonNodeFactory.instance.objectNode().put("name", tool);
        params.set("arguments", arguments);
        params.set("_meta", meta);
        Reply reply = rpc.request("tools/call", params, timeout);
        if (reply instanceof Reply.TimedOut && rpc.silence().compareTo(timeout) >= 0) {
            // It may be slow, or gone without a word.
            rpc.doubted("it does not answer");
        }
        return reply;
    }

    /// Whether it has ended, with all that it started.
    boolean closed() {
        return rpc.closed();
    }

    /// Ends the session: calls in flight are lost. Blocks for three seconds at most.
    void close() {
        rpc.close();
    }

    private void initialize(Deadline deadline) throws StartFailure, InterruptedException {
        List<String> versions = wire.versions();
        ObjectNode params = JsonNodeFactory.instance.objectNode();
        params.put("protocolVersion", versions.getLast());
        params.putObject("capabilities");
        params.putObject("clientInfo").put("name", "sluice").put("version", VERSION);
        JsonNode result = result(rpc.request("initialize", params, deadline.left()), "initialize");
        String version = result.path("protocolVersion").asString("");
        if (!Protocol.VERSIONS.contains(version)) {
            throw new StartFailure("it speaks no version of the protocol that Sluice knows");
        }
        offersTools = result.path("capabilities").has("tools");
        wire.ready(version);
        greet(deadline);
    }

    /// The server must have this before it is asked anything else; over HTTP, where each message
    /// has a connection of its own, only waiting ensures that.
    private void greet(Deadline deadline) throws StartFailure, InterruptedException {
        try {
            Optional<Reply.Unanswered> failed =
                    rpc.notify("notifications/initialized", JsonNodeFactory.instance.objectNode())
                            .get(deadline.left().toNanos(), TimeUnit.NANOSECONDS);
            if (failed.isPresent()) {
                throw failure(failed.get(), "notifications/initialized");
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new StartFailure("it did not take notifications/initialized", e);
        }
    }

    private List<McpTool> list(Deadline deadline) throws StartFailure, InterruptedException {
        Map<String, McpTool> listed = new LinkedHashMap<>();
        Set<String> cursors = new HashSet<>();
        @Nullable String cursor = null;
        do {
            ObjectNode params = JsonNodeFactory.instance.objectNode();
            if (cursor != null) {
                params.put("cursor", cursor);
            }
            Reply reply = rpc.request("tools/list", params, deadline.left());
            if (reply instanceof Reply.Failed && !offersTools) {
                return List.of();
            }
            JsonNode page = result(reply, "tools/list");
            for (JsonNode tool : page.path("tools")) {
                McpTool read = McpTool.of(tool);
                if (!read.name().isEmpty()) {
                    listed.putIfAbsent(read.name(), read);
                }
            }
            cursor = page.path("nextCursor").stringValueOpt().orElse(null);
            // A cursor that comes again would be followed for ever.
        } while (cursor != null && cursors.add(cursor));
        return List.copyOf(listed.values());
    }

    private static JsonNode result(Reply reply, String method) throws StartFailure {
        if (reply instanceof Reply.Result(JsonNode value)) {
            return value;
        }
        throw failure(reply, method);
    }

    private static StartFailure failure(Reply reply, String method) {
        return new StartFailure(
                switch (reply) {
                    case Reply.Result _ -> "it answered " + method;
                    case Reply.Failed(int code, _) -> method + " failed with code " + code;
                    case Reply.TimedOut _ -> "it did not answer " + method + " in time";
                    case Reply.Unsent(String reason) -> reason;
                    case Reply.Rejected(int status) -> method + " got HTTP status " + status;
                    case Reply.Lost(String reason) -> reason;
                });
    }

    /// The moment at which starting has taken too long.
    private record Deadline(long at) {
        Deadline(Duration timeout) {
            this(System.nanoTime() + timeout.toNanos());
        }

        Duration left() {
            return Duration.ofNanos(Math.max(0, at - System.nanoTime()));
        }
    }
}
