package dev.sluice.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A Redis server as a child process, listening on 127.0.0.1 without a password.
///
/// It appends every write to a file in its data folder, flushed to disk each second, and a later
/// start on that folder finds all of it again. It never evicts. It ends with this JVM, even when
/// that is killed, and survives a Ctrl-C that is meant for the JVM until it is closed.
public final class EmbeddedRedis implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRedis.class);

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(7);
    private static final Duration ANSWER_LIMIT = Duration.ofMillis(500);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int FREE_PORT_ATTEMPTS = 5;
    private static final int TAIL_LINES = 4;

    private final DataFolder folder;
    private final GuardedProcess process;
    private final int port;
    private final long pid;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EmbeddedRedis(DataFolder folder, GuardedProcess process, int port, long pid) {
        this.folder = folder;
        this.process = process;
        this.port = port;
        this.pid = pid;
    }

    /// Starts a server and returns when it answers, with its data loaded.
    ///
    /// @param data its folder, created where it is missing; the bundled program is unpacked there
    /// @param port the port, 0 for a free one
    /// @param binary the program to run
    /// @throws EmbeddedStartException if the folder is in use, the port is taken or the server
    ///   fails; the message ends with what the server printed last
    public static EmbeddedRedis start(Path data, int port, RedisBinary binary) {
        return start(data, port, binary, EmbeddedRedis::freePort);
    }

    static EmbeddedRedis start(Path data, int port, RedisBinary binary, IntSupplier freePorts) {
        DataFolder folder = DataFolder.lock(data);
        try {
            RedisPidFile.awaitGone(folder.path(), STOP_LIMIT);
            Path program =
                    switch (binary) {
                        case RedisBinary.Installed(Path executable) -> executable;
                        case RedisBinary.Bundled() ->
                                BundledRedis.unpack(
                                        folder.path().resolve("bin"),
                                        System.getProperty("os.name"),
                                        System.getProperty("os.arch"));
                    };
            return port == 0
                    ? onFreePort(folder, program, freePorts)
                    : onPort(folder, program, port);
        } catch (RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    /// The port it listens on.
    public int port() {
        return port;
    }

    /// The address for a client, `redis://127.0.0.1:PORT`.
    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    /// The server's process id.
    public long pid() {
        return pid;
    }

    /// Stops the server cleanly, with everything it acknowledged on disk, and frees the port and
    /// the folder; kills it after 7 s. Further calls do nothing.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try (folder) {
                process.stop(STOP_LIMIT);
            }
        }
    }

    /// Kills the server as a crash would (SIGKILL), for tests of failures: what it acknowledged
    /// within the last second may be lost. The port and the folder are free afterwards.
    public void kill() {
        if (closed.compareAndSet(false, true)) {
            try (folder) {
                process.kill();
            }
        }
    }

    private static EmbeddedRedis onFreePort(
            DataFolder folder, Path program, IntSupplier freePorts) {
        for (int attempt = 1; ; attempt++) {
            try {
                return onPort(folder, program, freePorts.getAsInt());
            } catch (EmbeddedStartException e) {
                if (attempt == FREE_PORT_ATTEMPTS || !portWasTaken(folder)) {
                    throw e;
                }
                LOG.atDebug().setCause(e).log("Another process took the free port");
            }
        }
    }

    private static EmbeddedRedis onPort(DataFolder folder, Path program, int port) {
        GuardedProcess process;
        try {
            process = GuardedProcess.start(command(program, port), folder.path(), output(folder));
        } catch (IOException e) {
            throw new EmbeddedStartException(program + " cannot be started: " + e.getMessage(), e);
        }
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (process.isAlive()
                && System.nanoTime() < deadline
                && !Thread.currentThread().isInterrupted()) {
            OptionalLong pid = RedisProbe.servingPid(port, ANSWER_LIMIT);
            // On a taken port it is another server that answers, and ours is about to end.
            if (pid.isPresent() && process.owns(pid.getAsLong())) {
                return new EmbeddedRedis(folder, process, port, pid.getAsLong());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        process.kill();
        String output = tail(folder);
        if (output.contains("bind: Address")) { // "in use" or "already in use", as the system says
            throw new EmbeddedStartException(
                    "Redis cannot listen on 127.0.0.1:" + port + ": Address already in use");
        }
        throw new EmbeddedStartException(
                program
                        + " did not start on 127.0.0.1:"
                        + port
                        + " with data folder "
                        + folder.path()
                        + ": "
                        + output);
    }

    /// The folder is the working folder, so that no path of the user's passes through Redis' own
    /// parsing of arguments.
    private static List<String> command(Path program, int port) {
        return List.of(
                program.toString(),
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--dir",
                "./",
                "--pidfile",
                RedisPidFile.NAME,
                "--daemonize",
                "no",
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "everysec",
                "--maxmemory-policy",
                "noeviction");
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new EmbeddedStartException("no free port on 127.0.0.1: " + e.getMessage(), e);
        }
    }

    private static boolean portWasTaken(DataFolder folder) {
        // What follows these words is the C library's own wording.
        return tail(folder).contains("Could not create server TCP listening socket");
    }

    private static Path output(DataFolder folder) {
        return folder.path().resolve("redis.log");
    }

    private static String tail(DataFolder folder) {
        try {
            List<String> lines = Files.readAllLines(output(folder), StandardCharsets.UTF_8);
            return String.join(
                    " | ", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "its output cannot be read: " + e.getMessage();
        }
    }
}
