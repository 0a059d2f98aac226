package dev.sluice.worker.tool.mcp;

import dev.sluice.common.config.McpServerConfig;
import io.modelcontextprotocol.client.transport.ServerParameters;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A child process that speaks [MCP over its standard input and
/// output](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio), one
/// message a line. Lines that are not JSON are skipped. The child inherits few variables of the
/// worker's environment, and none that may hold a secret; what it writes to its standard error is
/// logged at debug.
///
/// Its three threads are platform threads: a read from a pipe holds the carrier of a virtual one.
final class StdioWire implements Wire {
    private static final Logger LOG = LoggerFactory.getLogger(StdioWire.class);
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final Duration LAST_WORDS = Duration.ofMillis(500);
    // Beside the variables that the SDK lets through: without them, many a program writes ASCII.
    private static final Set<String> LOCALE = Set.of("LANG", "LC_ALL", "LC_CTYPE", "TZ");
    private static final Outgoing END = new Outgoing("", new CompletableFuture<>());

    private final String server;
    private final ProcessBuilder builder;
    private final BlockingQueue<Outgoing> outgoing = new LinkedBlockingQueue<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean unwritable;
    private volatile @Nullable ProcessTree tree;

    StdioWire(String server, McpServerConfig config) {
        this.server = server;
        Map<String, String> variables =
                config.env().entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        Map.Entry::getKey, entry -> entry.getValue().reveal()));
        ServerParameters parameters =
                ServerParameters.builder(Objects.requireNonNull(config.command()))
                        .args(config.args())
                        .env(variables)
                        .build();
        builder = new ProcessBuilder(parameters.getCommand());
        builder.command().addAll(parameters.getArgs());
        builder.environment().keySet().retainAll(LOCALE);
        builder.environment().putAll(parameters.getEnv());
        if (config.cwd() != null) {
            builder.directory(new File(config.cwd()));
        }
    }

    @Override
    public void open(Listener listener, Duration timeout) throws IOException {
        Process process = builder.start();
        tree = new ProcessTree(process);
        Thread reader = thread("reader", () -> read(process, listener));
        thread("stderr", () -> log(process));
        thread("writer", () -> write(process.getOutputStream()));
        process.onExit()
                .thenAccept(exited ->
                        Thread.ofVirtual()
                                .name("mcp-exit")
                                .start(() -> exited(exited, reader, listener)));
    }

    @Override
    public List<String> versions() {
        return Protocol.VERSIONS;
    }

    @Override
    public void ready(String version) {
        ProcessTree started = tree;
        if (started != null) {
            started.look();
        }
    }

    @Override
    public CompletableFuture<Optional<Reply.Unanswered>> send(ObjectNode message) {
        Outgoing line =
                new Outgoing(MAPPER.writeValueAsString(message) + "\n", new CompletableFuture<>());
        outgoing.add(line);
        if (unwritable) {
            refuseAll();
        }
        return line.written();
    }

    @Override
    public void close() {
        outgoing.add(END);
        ProcessTree started = tree;
        if (started != null) {
            started.end();
        }
    }

    private Thread thread(String role, Runnable work) {
        return Thread.ofPlatform().daemon().name("mcp-" + server + "-" + role).start(work);
    }

    private void exited(Process process, Thread reader, Listener listener) {
        try {
            // What it wrote before it died may hold answers. A grandchild that has inherited the
            // pipe would keep the reader for ever.
            var _ = reader.join(LAST_WORDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end(listener, "the process exited with code " + process.exitValue());
    }

    private void read(Process process, Listener listener) {
        String reason = "it closed its standard output";
        try (InputStream in = new BufferedInputStream(process.getInputStream())) {
            for (byte[] line = Lines.next(in); line != null; line = Lines.next(in)) {
                JsonNode message = parse(line);
                if (message != null) {
                    listener.received(message);
                }
            }
        } catch (IOException e) {
            reason = e instanceof Lines.TooLong ? "a message was too long" : reason;
        }
        try {
            // The exit code says more, if there is to be one.
            if (!process.waitFor(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS)) {
                end(listener, reason);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable JsonNode parse(byte[] line) {
        try {
            JsonNode message = MAPPER.readTree(line);
            if (message.isContainer()) {
                return message;
            }
        } catch (JacksonException e) {
            // Told below.
        }
        LOG.atDebug()
                .addKeyValue("server", server)
                .addKeyValue("bytes", line.length)
                .log("Skipped a line of an MCP server's output that is no message");
        return null;
    }

    private void log(Process process) {
        try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
            lines.lines()
                    .forEach(line ->
                            LOG.atDebug()
                                    .addKeyValue("server", server)
                                    .addKeyValue("line", line)
                                    .log("An MCP server wrote to its standard error"));
        } catch (IOException | UncheckedIOException e) {
            LOG.atTrace().setCause(e).log("The standard error of an MCP server is closed");
        }
    }

    private void write(OutputStream out) {
        try (out) {
            for (Outgoing line = outgoing.take(); !line.ends(); line = outgoing.take()) {
                try {
                    out.write(line.text().getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    line.written().complete(Optional.empty());
                } catch (IOException e) {
                    line.refuse();
                    throw e;
                }
            }
        } catch (IOException | InterruptedException e) {
            LOG.atTrace().setCause(e).log("The standard input of an MCP server is closed");
        } finally {
            unwritable = true;
            refuseAll();
        }
    }

    private void refuseAll() {
        for (Outgoing line = outgoing.poll(); line != null; line = outgoing.poll()) {
            line.refuse();
        }
    }

    private void end(Listener listener, String reason) {
        if (ended.compareAndSet(false, true)) {
            listener.ended(reason);
        }
    }

    /// A line to be written; an empty one ends the output.
    private record Outgoing(String text, CompletableFuture<Optional<Reply.Unanswered>> written) {
        boolean ends() {
            return text.isEmpty();
        }

        void refuse() {
            written.complete(Optional.of(new Reply.Unsent("its standard input is closed")));
        }
    }
}
