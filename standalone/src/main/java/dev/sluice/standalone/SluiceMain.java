package dev.sluice.standalone;

import dev.sluice.standalone.cli.Console;
import dev.sluice.standalone.cli.Lifetime;
import dev.sluice.standalone.cli.SluiceCli;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The process: one command, run to its end.
///
/// A role serves until SIGTERM or SIGINT; its drain runs in a shutdown hook, and the process then
/// ends with status 0 where the JVM's own would be 143, or with 1 where closing failed. A command
/// that fails ends the process with its status whatever threads it left.
public final class SluiceMain {
    private static final Logger LOG = LoggerFactory.getLogger(SluiceMain.class);

    /// How long a start that is under way may go on once the process is told to stop.
    private static final long START_LIMIT_SECONDS = 15;

    private SluiceMain() {}

    /// Runs the command that the arguments name.
    public static void main(String[] args) {
        // Not System.out: its encoding is the terminal's, which need not have our characters.
        var out = stream(FileDescriptor.out);
        var console =
                new Console(
                        out,
                        stream(FileDescriptor.err),
                        System.getenv(),
                        Path.of(System.getProperty("sluice.data", ".sluice/data")));
        System.exit(new SluiceCli(console, start -> serve(start, out)).run(args));
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    private static int serve(Callable<Lifetime.Running> start, PrintStream out) throws Exception {
        var started = new CompletableFuture<AutoCloseable>();
        Thread starting = Thread.currentThread();
        var hook = new Thread(() -> stop(started, starting), "sluice-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Lifetime.Running running = start.call();
            started.complete(running.role());
            out.println("ready " + running.ready());
        } catch (Throwable e) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException _) {
                // The process is being stopped: the hook ends it, and this failure is the stop's.
                started.completeExceptionally(e);
                new CountDownLatch(1).await();
            }
            throw e;
        }
        new CountDownLatch(1).await();
        return 0;
    }

    private static void stop(CompletableFuture<AutoCloseable> started, Thread starting) {
        int status = 0;
        try {
            if (!started.isDone()) {
                starting.interrupt();
            }
            AutoCloseable role = started.get(START_LIMIT_SECONDS, TimeUnit.SECONDS);
            LOG.atInfo().log("Stopping");
            role.close();
        } catch (ExecutionException e) {
            LOG.atDebug().setCause(e).log("Stopped while starting");
        } catch (TimeoutException _) {
            LOG.atError().log("Stopped while starting, without cleaning up");
            status = 1;
        } catch (Exception | LinkageError e) {
            LOG.atError().setCause(e).log("Stopping failed");
            status = 1;
        }
        Runtime.getRuntime().halt(status);
    }
}
