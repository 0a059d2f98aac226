package dev.sluice.bench.fleet;

import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Redis, by turns, always on the same port. Belongs to one thread.
public final class RedisServer {
    private final Path folder;
    private final int port;
    private final RedisBinary binary;
    private @Nullable EmbeddedRedis server;

    public RedisServer(Path folder, int port, RedisBinary binary) {
        this.folder = folder;
        this.port = port;
        this.binary = binary;
    }

    /// Starts it on what data there is, and returns when it answers.
    public void start() {
        server = EmbeddedRedis.start(folder, port, binary);
    }

    /// Kills it as a crash would (SIGKILL).
    public void kill() {
        if (server != null) {
            server.kill();
            server = null;
        }
    }

    /// Removes its data while it is away.
    public void empty() {
        try (Stream<Path> kept = Files.walk(folder.resolve("appendonlydir"))) {
            for (Path file : kept.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Its address for a Redis client.
    public String url() {
        return "redis://127.0.0.1:" + port;
    }
}
