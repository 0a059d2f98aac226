package dev.sluice.gateway.run;

import dev.sluice.common.run.RunEvent;

/// Takes the events of one run, for one client. Called on the event loop of its connection.
public interface RunSink {
    /// Takes the next event that counts.
    void take(RunEvent event);

    /// Takes word that the run's events cannot be followed to their end. The last call.
    void broken();

    /// Whether it can take more. One that cannot is given nothing until its cursor is told to
    /// resume.
    boolean hasRoom();
}
