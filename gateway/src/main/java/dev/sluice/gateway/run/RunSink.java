package dev.sluice.gateway.run;

import dev.sluice.common.run.Reply;

/// Takes the events of one run, for one client. Called on the event loop of its connection.
public interface RunSink {
    /// Takes the next event that counts, and where in the log it stands.
    void take(Reply reply, long offset);

    /// Takes word that the run's events cannot be followed to their end. The last call.
    void broken();

    /// Takes word that the log no longer has what comes next. The last call.
    void forgotten();

    /// Whether it can take more. One that cannot is given nothing until its cursor is told to
    /// resume.
    boolean hasRoom();
}
