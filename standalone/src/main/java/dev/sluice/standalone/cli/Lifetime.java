package dev.sluice.standalone.cli;

import java.util.concurrent.Callable;

/// How long a role serves: until whoever runs the command wants it to stop.
@FunctionalInterface
public interface Lifetime {
    /// Starts a role, announces it, and closes it in the end. Returns the exit status, or does not
    /// return where the process ends with the role.
    ///
    /// @throws Exception what `start` throws; nothing is left running then
    int serve(Callable<Running> start) throws Exception;

    /// A role that serves.
    ///
    /// @param ready what it prints after `ready`: its address
    /// @param role closing it drains
    record Running(String ready, AutoCloseable role) {}
}
