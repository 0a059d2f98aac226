package dev.sluice.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A child process that ends when this JVM does, however that ends, and not before.
///
/// It runs under a shell that holds the read end of a pipe from this JVM. When the pipe closes,
/// which the operating system does even for a JVM killed by SIGKILL, the shell asks the program to
/// terminate and kills it after five seconds. Shell and program are kept out of the terminal's
/// process group, so that Ctrl-C reaches the JVM alone and the program is still there while the JVM
/// drains.
public final class GuardedProcess {

    // A background command's standard input is /dev/null in a shell without job control, hence the
    // copy in descriptor 3; "$!" is read at once. The watcher is the only one that reads the pipe,
    // and the shell itself waits for the program, so that a program that fails ends all of it.
    private static final String GUARD =
            """
            trap '' INT HUP
            exec 3<&0
            [ "$1" = own-group ] && set -m 2>/dev/null
            shift
            "$@" 3<&- </dev/null &
            program=$!
            (
              while read -r line; do :; done <&3
              kill -TERM "$program"
              for second in 1 2 3 4 5; do sleep 1; kill -0 "$program" || exit; done
              kill -KILL "$program"
            ) >/dev/null 2>&1 &
            watcher=$!
            exec 3<&- </dev/null
            wait "$program"
            status=$?
            kill -KILL "$watcher" 2>/dev/null
            exit "$status"
            """;

    private static final Duration KILL_LIMIT = Duration.ofSeconds(5);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final List<Path> SETSID =
            List.of(Path.of("/usr/bin/setsid"), Path.of("/bin/setsid"));

    private final Process shell;

    private GuardedProcess(Process shell) {
        this.shell = shell;
    }

    /// Starts a program in a folder, with all it prints going to a file.
    ///
    /// @throws IOException if there is no shell, or the file cannot be written
    public static GuardedProcess start(List<String> command, Path folder, Path output)
            throws IOException {
        var all = new ArrayList<String>();
        // Elsewhere (macOS) the shell's job control does the same, unless it refuses to without a
        // terminal.
        Optional<Path> setsid = SETSID.stream().filter(Files::isExecutable).findFirst();
        setsid.ifPresent(program -> all.add(program.toString()));
        all.addAll(
                List.of(
                        "/bin/sh",
                        "-c",
                        GUARD,
                        "sh",
                        setsid.isPresent() ? "own-session" : "own-group"));
        all.addAll(command);
        Process shell =
                new ProcessBuilder(all)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        return new GuardedProcess(shell);
    }

    /// Whether the program runs; a stopped one (SIGSTOP) does.
    public boolean isAlive() {
        return shell.isAlive();
    }

    /// The program's process, for signals; empty before it has begun and after it ended.
    public Optional<ProcessHandle> program() {
        Optional<String> sh = shell.info().command();
        return shell.children()
                .filter(child -> child.info().command().isPresent())
                .filter(child -> !child.info().command().equals(sh))
                .findFirst();
    }

    /// Waits until the program has ended and returns its exit status, which is 128 and the signal's
    /// number where a signal ended it; empty if it still runs after the time given.
    public OptionalInt awaitEnd(Duration patience) {
        return ended(patience) ? OptionalInt.of(shell.exitValue()) : OptionalInt.empty();
    }

    /// Whether a process is the program or a part of it.
    boolean owns(long pid) {
        return shell.descendants().anyMatch(child -> child.pid() == pid);
    }

    /// Asks the program to terminate and waits until it is gone; after the time given it is killed.
    public void stop(Duration patience) {
        try {
            shell.getOutputStream().close();
        } catch (IOException _) {
            // The reading end has gone, and with it the program.
        }
        if (!ended(patience)) {
            kill();
        }
    }

    /// Kills shell and program at once and waits until they are gone.
    public void kill() {
        List<ProcessHandle> children = shell.descendants().toList();
        children.forEach(ProcessHandle::destroyForcibly);
        shell.destroyForcibly();
        ended(KILL_LIMIT);
        // Their onExit() would notice only after a second: it polls what is no child of this JVM.
        long end = System.nanoTime() + KILL_LIMIT.toNanos();
        while (children.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() < end) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private boolean ended(Duration patience) {
        try {
            return shell.waitFor(patience);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
