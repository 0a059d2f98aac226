package dev.sluice.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/// The process id that a Redis server leaves in its data folder.
final class RedisPidFile {

    static final String NAME = "redis.pid";

    private RedisPidFile() {}

    /// Waits for a server of an earlier, killed JVM that is still writing its data to the folder.
    static void awaitGone(Path folder, Duration patience) {
        Optional<ProcessHandle> earlier = read(folder).flatMap(ProcessHandle::of);
        if (earlier.isEmpty() || !isRedis(earlier.get())) {
            return;
        }
        try {
            earlier.get().onExit().orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS).join();
        } catch (CompletionException e) {
            throw new EmbeddedStartException(
                    "data folder "
                            + folder
                            + " is in use by a Redis server, process "
                            + earlier.get().pid(),
                    e);
        }
    }

    private static Optional<Long> read(Path folder) {
        try {
            return Optional.of(Long.valueOf(Files.readString(folder.resolve(NAME)).strip()));
        } catch (IOException | NumberFormatException _) {
            return Optional.empty();
        }
    }

    /// Process ids are used again: another program's is no reason to wait.
    private static boolean isRedis(ProcessHandle process) {
        return process.info()
                .command()
                .map(command -> Path.of(command).getFileName().toString())
                .filter(name -> name.startsWith("redis-") || name.startsWith("valkey-"))
                .isPresent();
    }
}
