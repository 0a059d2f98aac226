package dev.sluice.embedded;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The server program that [EmbeddedRedis] runs.
public sealed interface RedisBinary {

    /// A `redis-server` or `valkey-server` of this machine.
    ///
    /// @param executable its file
    record Installed(Path executable) implements RedisBinary {}

    /// The server that comes with Sluice, for Linux and macOS on amd64 and arm64.
    record Bundled() implements RedisBinary {}

    /// Chooses the machine's own `redis-server`, else its `valkey-server`, else the bundled one.
    ///
    /// @param searchPath the value of the environment variable `PATH`, null where it is not set
    static RedisBinary find(@Nullable String searchPath) {
        List<String> folders =
                searchPath == null ? List.of() : List.of(searchPath.split(File.pathSeparator, -1));
        for (String program : List.of("redis-server", "valkey-server")) {
            for (String folder : folders) {
                Optional<Path> found = executable(folder, program);
                if (found.isPresent()) {
                    return new Installed(found.get());
                }
            }
        }
        return new Bundled();
    }

    private static Optional<Path> executable(String folder, String program) {
        // An empty entry of PATH means the current folder, which is no place to run servers from.
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        try {
            Path file = Path.of(folder, program).toAbsolutePath();
            return Files.isRegularFile(file) && Files.isExecutable(file)
                    ? Optional.of(file)
                    : Optional.empty();
        } catch (InvalidPathException _) {
            return Optional.empty();
        }
    }
}
