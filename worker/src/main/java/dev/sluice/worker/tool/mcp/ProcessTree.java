package dev.sluice.worker.tool.mcp;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A child process and what it has started: launchers such as `npx` and `uvx` run the real server
/// as a child of their own, which would outlive them. Safe for any number of threads.
final class ProcessTree {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Process root;
    private final Set<ProcessHandle> descendants = ConcurrentHashMap.newKeySet();

    ProcessTree(Process root) {
        this.root = root;
    }

    /// Notes what the child has started by now. Once it is dead, nobody knows its children any
    /// more.
    void look() {
        root.descendants().forEach(descendants::add);
    }

    /// Ends all of it: the child, whose standard input the caller has closed, gets a second to
    /// leave by itself; then all get a second to terminate; then they are killed. Blocks meanwhile.
    void end() {
        look();
        try {
            if (!root.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                look();
            }
            each(ProcessHandle::destroy);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (alive() && System.nanoTime() < deadline) {
                // Handles of grandchildren have no wait of their own that times out.
                TimeUnit.MILLISECONDS.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            look();
            each(ProcessHandle::destroyForcibly);
        }
    }

    private boolean alive() {
        return root.isAlive() || descendants.stream().anyMatch(ProcessHandle::isAlive);
    }

    private void each(Consumer<ProcessHandle> action) {
        action.accept(root.toHandle());
        descendants.forEach(action);
    }
}
