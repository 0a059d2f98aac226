package dev.sluice.bench.fleet;

import dev.sluice.embedded.GuardedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One process of the fleet, by turns: each start is a process of its own with a log of its own.
/// Belongs to one thread.
public final class Role {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(30);
    private static final Duration END_LIMIT = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(10);
    private static final String READY = "ready ";

    private final String name;
    private final List<List<String>> commands;
    private final Path folder;
    private int starts;
    private volatile @Nullable GuardedProcess process;
    private volatile boolean abandoned;
    private String ready = "";

    /// @param name of the process in messages and of its logs
    /// @param commands by which it starts, by turns; each prints `ready …` on a line of its own
    ///   when it serves
    /// @param folder where it runs and logs
    public Role(String name, List<List<String>> commands, Path folder) {
        this.name = name;
        this.commands = List.copyOf(commands);
        this.folder = folder;
    }

    /// Starts the process, without waiting until it serves.
    public void start() {
        if (abandoned) {
            throw new FleetException(name + " is not to be started any more");
        }
        List<String> command = commands.get(starts % commands.size());
        starts++;
        ready = "";
        try {
            process = GuardedProcess.start(command, folder, log());
        } catch (IOException e) {
            throw new FleetException(name + " cannot be started: " + e.getMessage(), e);
        }
    }

    /// Waits until the process serves.
    public void awaitServing() throws InterruptedException {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (ready.isEmpty()) {
            ready = readyLine().orElse("");
            if (ready.isEmpty()) {
                refuseDead();
                if (System.nanoTime() > end) {
                    throw new FleetException(name + " does not start; its log is " + log());
                }
                Thread.sleep(POLL);
            }
        }
    }

    private Optional<String> readyLine() {
        try {
            String printed = Files.readString(log());
            return printed.substring(0, printed.lastIndexOf('\n') + 1)
                    .lines()
                    .filter(line -> line.startsWith(READY))
                    .map(line -> line.substring(READY.length()))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Complains if the process has ended by itself.
    public void refuseDead() {
        if (!process().isAlive()) {
            throw new FleetException(
                    "%s ended by itself, with status %d; its log is %s"
                            .formatted(name, process().awaitEnd(END_LIMIT).orElse(-1), log()));
        }
    }

    /// Kills the process as a crash would (SIGKILL) and waits until it is gone.
    public void kill() {
        program().destroyForcibly();
        awaitEnd(END_LIMIT);
    }

    /// Tells the process to end (SIGTERM) and waits until it has, with status 0.
    public void drain() {
        program().destroy();
        int status = awaitEnd(DRAIN_LIMIT);
        if (status != 0) {
            throw new FleetException(
                    "%s ended with status %d when it was drained; its log is %s"
                            .formatted(name, status, log()));
        }
    }

    /// Sends a signal: `STOP`, `CONT`.
    public void signal(String signal) throws InterruptedException {
        try {
            Process kill =
                    new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + program().pid())
                            .start();
            if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new FleetException(name + " cannot be sent SIG" + signal);
            }
        } catch (IOException e) {
            throw new FleetException(name + " cannot be sent SIG" + signal, e);
        }
    }

    private int awaitEnd(Duration limit) {
        OptionalInt status = process().awaitEnd(limit);
        if (status.isEmpty()) {
            throw new FleetException(
                    "%s does not end within %d s; its log is %s"
                            .formatted(name, limit.toSeconds(), log()));
        }
        return status.getAsInt();
    }

    /// Ends it for good, whatever state it is in. From any thread.
    public void abandon() {
        abandoned = true;
        GuardedProcess running = process;
        if (running != null) {
            running.kill();
        }
    }

    /// The address it named when it became ready.
    public URI url() {
        return URI.create(lastWord());
    }

    /// Names the process among all there were: a worker by the name that it has in journals.
    public String identity() {
        String[] words = ready.split(" ", -1);
        return words.length == 3 ? words[1] : name + "." + starts;
    }

    /// What it printed after `ready`, in words.
    List<String> words() {
        return List.of(ready.split(" ", -1));
    }

    private String lastWord() {
        return ready.substring(ready.lastIndexOf(' ') + 1);
    }

    /// The process itself.
    public ProcessHandle program() {
        return process()
                .program()
                .orElseThrow(
                        () -> new FleetException(name + " ended by itself; its log is " + log()));
    }

    private GuardedProcess process() {
        return Objects.requireNonNull(process, "not started");
    }

    @Override
    public String toString() {
        return name;
    }

    private Path log() {
        return folder.resolve(name + "." + starts + ".log");
    }
}
