package dev.sluice.bench.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Stream;

/// The machine on which something was measured, and what was measured.
///
/// @param memory in bytes
/// @param commit of the source that it was built from, with `+` where files were changed since;
///   `unknown` outside a clone
public record Machine(
        String cpu, int cores, long memory, String os, String jdk, String commit, Instant at) {
    private static final Path CPU = Path.of("/proc/cpuinfo");
    private static final String UNKNOWN = "unknown";

    /// This machine, now.
    ///
    /// @param project the folder of the source
    public static Machine describe(Path project) {
        return new Machine(
                processor(),
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean()
                                instanceof com.sun.management.OperatingSystemMXBean system
                        ? system.getTotalMemorySize()
                        : 0,
                "%s %s %s"
                        .formatted(
                                System.getProperty("os.name"),
                                System.getProperty("os.version"),
                                System.getProperty("os.arch")),
                "%s %s"
                        .formatted(
                                System.getProperty("java.vendor.version", ""),
                                System.getProperty("java.runtime.version")),
                revision(project),
                Instant.now().truncatedTo(ChronoUnit.SECONDS));
    }

    private static String processor() {
        try (Stream<String> lines = Files.lines(CPU)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(UNKNOWN);
        } catch (IOException _) {
            return UNKNOWN;
        }
    }

    private static String revision(Path project) {
        String revision = git(project, "rev-parse", "--short", "HEAD");
        if (revision.isEmpty()) {
            return UNKNOWN;
        }
        String changes = git(project, "status", "--porcelain", "--untracked-files=no");
        return changes.isEmpty() ? revision : revision + "+";
    }

    private static String git(Path project, String... arguments) {
        try {
            var command = Stream.concat(Stream.of("git"), Stream.of(arguments)).toList();
            Process git =
                    new ProcessBuilder(command)
                            .directory(project.toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException _) {
            return "";
        }
    }

    /// In one line, for people.
    @Override
    public String toString() {
        return "%s, %d cores, %d GiB, %s, JDK %s, commit %s, %s"
                .formatted(cpu, cores, Math.round(memory / 0x1p30), os, jdk.strip(), commit, at);
    }
}
