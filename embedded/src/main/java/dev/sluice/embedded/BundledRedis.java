package dev.sluice.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;

/// The redis-server programs in the class path (from `org.signal:embedded-redis`), one for each
/// system.
final class BundledRedis {

    private static final String VERSION = "7.0.15";

    private BundledRedis() {}

    /// Unpacks the program for a system into a folder, once, and returns its file.
    ///
    /// @param os as in the system property `os.name`
    /// @param arch as in the system property `os.arch`
    static Path unpack(Path folder, String os, String arch) {
        String name = resource(os, arch);
        Path program = folder.resolve(name);
        if (Files.isExecutable(program)) {
            return program;
        }
        try (InputStream bytes = BundledRedis.class.getResourceAsStream("/" + name)) {
            if (bytes == null) {
                throw new EmbeddedStartException(
                        "the bundled " + name + " is not in the class path; install redis-server");
            }
            Files.createDirectories(folder);
            Path partial = Files.createTempFile(folder, name, ".part");
            try {
                Files.copy(bytes, partial, StandardCopyOption.REPLACE_EXISTING);
                Files.setPosixFilePermissions(
                        partial, PosixFilePermissions.fromString("rwxr-xr-x"));
                // Under its final name the program is always whole, whoever else unpacks it.
                Files.move(partial, program, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(partial);
            }
            return program;
        } catch (IOException e) {
            throw new EmbeddedStartException(
                    "the bundled redis-server cannot be unpacked into " + folder + ": " + e, e);
        }
    }

    private static String resource(String os, String arch) {
        String system = system(os.toLowerCase(Locale.ROOT));
        String machine = machine(arch.toLowerCase(Locale.ROOT));
        if (system.isEmpty() || machine.isEmpty()) {
            throw new EmbeddedStartException(
                    "no redis-server on PATH and none bundled for "
                            + os
                            + " on "
                            + arch
                            + "; install redis-server or valkey-server");
        }
        return "redis-server-" + VERSION + "-" + system + "-" + machine;
    }

    private static String system(String os) {
        if (os.startsWith("linux")) {
            return "linux";
        }
        return os.startsWith("mac") ? "darwin" : "";
    }

    private static String machine(String arch) {
        return switch (arch) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64";
            default -> "";
        };
    }
}
