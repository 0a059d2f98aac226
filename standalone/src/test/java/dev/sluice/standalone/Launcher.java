package dev.sluice.standalone;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A copy of `./sluice` in a small project, with a Maven and a JDK that are shell scripts.
final class Launcher {
    private static final String MAVEN =
            """
            #!/bin/sh
            echo $$ >>"${0%/*}/../maven.pids"
            for module in common worker standalone bench; do
                echo "[INFO] Building Sluice $module 0.1.0-SNAPSHOT"
            done
            mkdir -p standalone/target/lib bench/target
            echo "$(date) $$" >standalone/target/lib/one.jar
            echo "$(date) $$" >standalone/target/sluice-standalone-0.1.0-SNAPSHOT.jar
            echo "$(date) $$" >bench/target/sluice-bench-0.1.0-SNAPSHOT.jar
            """;
    private static final String JAVA =
            """
            #!/bin/sh
            printf '%s\\n' "$@"
            echo "in $(pwd -P)"
            """;

    private final Path folder;
    private final Path root;

    private Launcher(Path folder, Path root) {
        this.folder = folder;
        this.root = root;
    }

    /// What a run came to.
    record Outcome(int status, List<String> out, List<String> err) {}

    static Launcher in(Path folder) throws IOException {
        Path real = folder.toRealPath();
        Path root = Files.createDirectories(real.resolve("project"));
        var launcher = new Launcher(real, root);
        Files.copy(Path.of("../sluice"), root.resolve("sluice"));
        executable(root.resolve("sluice"), Files.readString(root.resolve("sluice")));
        Files.writeString(root.resolve("pom.xml"), "<project/>");
        for (String module : List.of("worker", "standalone")) {
            Path source = Files.createDirectories(root.resolve(module + "/src/main/java"));
            Files.writeString(root.resolve(module + "/pom.xml"), "<project/>");
            Files.writeString(source.resolve("Worker.java"), "class Worker {}");
        }
        executable(real.resolve("bin/mvn"), MAVEN);
        executable(launcher.jdk().resolve("bin/java"), JAVA);
        executable(launcher.jdk().resolve("bin/javac"), "#!/bin/sh\n");
        Files.writeString(
                launcher.jdk().resolve("release"),
                "IMPLEMENTOR=\"Any\"\nJAVA_VERSION=\"25.0.3\"\nOS_NAME=\"Linux\"\n");
        return launcher;
    }

    Path root() {
        return root;
    }

    Path jdk() {
        return folder.resolve("jdk 25");
    }

    /// Adds what Maven does at the end of a build.
    void mavenAlso(String commands) throws IOException {
        Path maven = folder.resolve("bin/mvn");
        Files.writeString(maven, Files.readString(maven) + "echo \"$@\"\n" + commands + "\n");
    }

    /// Has the JVM do this instead of saying what it was asked.
    void javaDoes(String commands) throws IOException {
        Files.writeString(jdk().resolve("bin/java"), "#!/bin/sh\n" + commands + "\n");
    }

    /// How often Maven ran.
    int builds() throws IOException {
        Path pids = folder.resolve("maven.pids");
        return Files.exists(pids) ? Files.readAllLines(pids).size() : 0;
    }

    void touch(String path) throws IOException {
        Files.writeString(root.resolve(path), "class Changed {}");
    }

    /// A test report as Surefire and Failsafe write them.
    void report(String module, String plugin, int tests, int failures, int skipped)
            throws IOException {
        Path reports =
                Files.createDirectories(root.resolve(module + "/target/" + plugin + "-reports"));
        Files.writeString(
                reports.resolve("TEST-a.xml"),
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuite name="a" time="0.1" tests="%d" errors="0" skipped="%d" failures="%d">
                </testsuite>
                """
                        .formatted(tests, skipped, failures));
    }

    Outcome run(String... args) throws IOException, InterruptedException {
        return run(root, "./sluice", args);
    }

    Outcome run(Path from, String launcher, String... args)
            throws IOException, InterruptedException {
        Path err = Files.createTempFile(folder, "err", "");
        Process process = builder(from, launcher, args).redirectError(err.toFile()).start();
        List<String> out =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .toList();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return new Outcome(process.waitFor(), out, Files.readAllLines(err));
    }

    /// Starts it and reads nothing of what it says.
    Process start(String... args) throws IOException {
        return builder(root, "./sluice", args)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /// Waits for Maven to run and returns its process id.
    long awaitMaven() throws IOException {
        await().until(() -> builds() == 1);
        return Long.parseLong(Files.readAllLines(folder.resolve("maven.pids")).getFirst());
    }

    private ProcessBuilder builder(Path from, String launcher, String... args) {
        List<String> command = new ArrayList<>(List.of(launcher));
        command.addAll(List.of(args));
        var builder = new ProcessBuilder(command).directory(from.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_"));
        builder.environment().put("SLUICE_JAVA_HOME", jdk().toString());
        builder.environment()
                .merge("PATH", folder.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
        return builder;
    }

    private static void executable(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
