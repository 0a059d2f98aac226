package dev.sluice.bench;

import dev.sluice.bench.cli.BenchCli;
import dev.sluice.standalone.cli.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The process of a benchmark: one command, run to its end. On SIGINT and SIGTERM the command is
/// interrupted, and ends what it started, before the process ends.
public final class BenchMain {
    private static final int STOP_LIMIT_SECONDS = 20;

    private BenchMain() {}

    /// Runs the command that the arguments name.
    public static void main(String[] args) {
        var ended = new CountDownLatch(1);
        Thread command = Thread.currentThread();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> stop(command, ended), "sluice-bench-stop"));
        // Not System.out: its encoding is the terminal's, which need not have our characters.
        var console =
                new Console(
                        stream(FileDescriptor.out),
                        stream(FileDescriptor.err),
                        System.getenv(),
                        Path.of(System.getProperty("sluice.data", ".sluice/data")));
        int status = new BenchCli(console).run(args);
        ended.countDown();
        System.exit(status);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    private static void stop(Thread command, CountDownLatch ended) {
        command.interrupt();
        try {
            if (!ended.await(STOP_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                // What is left ends with this process, by its guards.
                Runtime.getRuntime().halt(1);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
