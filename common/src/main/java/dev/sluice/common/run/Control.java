package dev.sluice.common.run;

/// A word to whichever worker executes a run: the value of the control topic. It only rings the
/// bell; what it is about stands in Redis.
public sealed interface Control {
    /// The run it is about, which is the record's key as well.
    RunId run();

    /// The run is to stop.
    record Cancel(RunId run) implements Control {}

    /// An attempt at the run has begun: whoever still executes a lower one is to stop.
    record Superseded(RunId run, int attempt) implements Control {}
}
