package dev.sluice.standalone.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Runs commands in this process and keeps what they print. A role is closed as soon as it is
/// ready.
final class Commands {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final SluiceCli cli;

    Commands(Path dataFolder) {
        var console =
                new Console(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of("MODEL", "m1"),
                        dataFolder);
        this.cli =
                new SluiceCli(
                        console,
                        start -> {
                            Lifetime.Running running = start.call();
                            console.out().println("ready " + running.ready());
                            running.role().close();
                            return 0;
                        });
    }

    /// What a command came to.
    record Outcome(int status, List<String> out, List<String> err) {}

    Outcome run(String... args) {
        out.reset();
        err.reset();
        int status = cli.run(args);
        return new Outcome(status, lines(out), lines(err));
    }

    private static List<String> lines(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
