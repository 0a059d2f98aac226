package dev.sluice.worker.run;

/// Leave to begin something that cannot be taken back. A worker that may have lost its runs to
/// another has none to give. Safe for any thread.
@FunctionalInterface
public interface Permit {
    /// Waits until the worker may begin a turn or a tool call; called before each of them. Blocks.
    ///
    /// @throws InterruptedException if the run is to stop
    void await() throws InterruptedException;
}
