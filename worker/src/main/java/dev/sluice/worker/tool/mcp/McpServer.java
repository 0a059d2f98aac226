package dev.sluice.worker.tool.mcp;

import dev.sluice.common.config.McpServerConfig;
import dev.sluice.worker.run.Tool;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// One configured MCP server and the one session with it that all runs share. The session begins
/// when it is first needed and is replaced, at the next need, once it is dead. Any number of
/// threads that need it meanwhile wait for the same start. Safe for any number of threads.
public final class McpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(McpServer.class);

    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private final String name;
    private final McpServerConfig config;
    private final HttpClient client;
    private final MeterRegistry meters;
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Start latest;
    private boolean closed;

    /// @param client for the HTTP transports; the caller's to close
    public McpServer(String name, McpServerConfig config, HttpClient client, MeterRegistry meters) {
        this.name = name;
        this.config = config;
        this.client = client;
        this.meters = meters;
    }

    /// Its name in the configuration.
    public String name() {
        return name;
    }

    /// Begins the session, where there is none, without waiting for it.
    public void prepare() {
        var _ = start();
    }

    /// The tools it offers and the configuration lets through, in the server's order. Blocks until
    /// there is a session.
    ///
    /// @return null where the server cannot be started or reached; why is logged
    public @Nullable List<McpTool> open() throws InterruptedException {
        // A session may die between its start and its use: one more is worth the try.
        for (int attempt = 0; attempt < 2; attempt++) {
            Session session = session();
            if (session == null) {
                return null;
            }
            try {
                return session.tools().stream()
                        .filter(tool -> config.tools().admits(tool.name()))
                        .toList();
            } catch (StartFailure e) {
                warn("The tools of an MCP server cannot be listed", e);
                if (session.usable()) {
                    return null;
                }
            }
        }
        return null;
    }

    /// A tool of this server under the name by which a model knows it.
    public Tool tool(String exposedName, McpTool tool) {
        return new ServerTool(this, config, exposedName, tool, meters);
    }

    /// Calls a tool and blocks until its fate is known. A call that could not be sent is sent once
    /// more, over a new session.
    Reply call(String tool, ObjectNode arguments, ObjectNode meta) throws InterruptedException {
        Reply reply = new Reply.Unsent("there is no session");
        for (int attempt = 0; attempt < 2 && reply instanceof Reply.Unsent; attempt++) {
            Session session = session();
            if (session == null) {
                return reply;
            }
            reply = session.call(tool, arguments, meta, config.callTimeout());
        }
        return reply;
    }

    /// Ends the session and whatever it started; calls in flight end with an error. Blocks for four
    /// seconds at most.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (latest != null) {
                latest.thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
        List<Thread> closing =
                sessions.stream()
                        .map(session -> Thread.ofVirtual().name("mcp-close").start(session::close))
                        .toList();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            for (Thread thread : closing) {
                long left = Math.max(1, deadline - System.nanoTime());
                var _ = thread.join(Duration.ofNanos(left));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable Session session() throws InterruptedException {
        try {
            return start().get();
        } catch (ExecutionException e) {
            return null;
        }
    }

    private CompletableFuture<Session> start() {
        lock.lock();
        try {
            if (closed) {
                return CompletableFuture.failedFuture(new StartFailure("Sluice is closing"));
            }
            if (latest == null || latest.spent()) {
                sessions.removeIf(Session::closed);
                latest = new Start();
            }
            return latest.session;
        } finally {
            lock.unlock();
        }
    }

    private Wire wire() {
        return switch (config.transport()) {
            case STDIO -> new StdioWire(name, config);
            case STREAMABLE_HTTP, SSE -> new HttpWire(config, client);
        };
    }

    private void warn(String message, StartFailure failure) {
        LOG.atWarn()
                .addKeyValue("server", name)
                .addKeyValue("reason", failure.getMessage())
                .log(message);
    }

    /// One attempt at a session, under way, failed, or come to a session.
    private final class Start {
        private final CompletableFuture<Session> session = new CompletableFuture<>();
        private final Thread thread = Thread.ofVirtual().name("mcp-start-" + name).start(this::run);

        /// Whether a new one is needed.
        boolean spent() {
            return session.isDone()
                    && (session.isCompletedExceptionally() || !session.join().usable());
        }

        private void run() {
            long begun = System.nanoTime();
            Session started = new Session(wire(), config.startTimeout());
            sessions.add(started);
            try {
                started.start();
                LOG.atInfo()
                        .addKeyValue("server", name)
                        .addKeyValue(
                                "millis", Duration.ofNanos(System.nanoTime() - begun).toMillis())
                        .log("Connected to an MCP server");
                session.complete(started);
            } catch (StartFailure e) {
                warn("An MCP server cannot be reached", e);
                session.completeExceptionally(e);
            } catch (InterruptedException e) {
                session.completeExceptionally(new StartFailure("Sluice is closing", e));
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).addKeyValue("server", name).log("Starting an MCP server");
                session.completeExceptionally(e);
            }
            if (session.isCompletedExceptionally()) {
                started.close();
            }
        }
    }
}
