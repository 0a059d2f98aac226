package dev.sluice.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A data folder that this process alone uses until it is closed.
///
/// The lock is the operating system's, so that a killed process leaves none behind. It is taken
/// before anything in the folder is read: Kafka's own lock comes only after its controller has
/// already opened the metadata log.
final class DataFolder implements AutoCloseable {

    private static final String LOCK_FILE = ".sluice-lock";

    private final Path path;
    private final FileChannel lock;

    private DataFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /// Creates the folder where it is missing and locks it.
    static DataFolder lock(Path folder) {
        Path path = folder.toAbsolutePath().normalize();
        FileChannel channel;
        try {
            Files.createDirectories(path);
            channel =
                    FileChannel.open(
                            path.resolve(LOCK_FILE),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new EmbeddedStartException("data folder " + path + " cannot be used: " + e, e);
        }
        try {
            if (channel.tryLock() != null) {
                return new DataFolder(path, channel);
            }
            channel.close();
        } catch (OverlappingFileLockException | IOException e) {
            closeQuietly(channel, e);
        }
        throw new EmbeddedStartException(
                "data folder "
                        + path
                        + " is in use by another running part; stop it or choose"
                        + " another folder");
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void closeQuietly(FileChannel channel, Exception first) {
        try {
            channel.close();
        } catch (IOException e) {
            first.addSuppressed(e);
        }
    }
}
