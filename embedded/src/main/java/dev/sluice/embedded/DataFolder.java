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
    private static final long LEAST_SPACE = 512L << 20;

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
            refuseFull(path, Files.getFileStore(path).getUsableSpace());
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

    /// A broker that runs out of space ends at once, with all that is under way.
    static void refuseFull(Path path, long space) {
        if (space < LEAST_SPACE) {
            throw new EmbeddedStartException(
                    "only %d MiB are free where data folder %s lies, too few for a broker: make room for %d, or choose another folder"
                            .formatted(space >> 20, path, LEAST_SPACE >> 20));
        }
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
