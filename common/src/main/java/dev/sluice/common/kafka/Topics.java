package dev.sluice.common.kafka;

/// The names of Sluice's topics and of the group that shares the runs.
///
/// @param prefix what they all begin with
public record Topics(String prefix) {
    /// Requests whose clients wait: the queue that workers share.
    public String interactiveRuns() {
        return prefix + ".runs.interactive";
    }

    /// The events of runs.
    public String replies() {
        return prefix + ".replies";
    }

    /// Offers that no worker survived, with why.
    public String deadLetter() {
        return prefix + ".dead-letter";
    }

    /// Words to whichever worker executes a run.
    public String control() {
        return prefix + ".control";
    }

    /// The share group of the workers.
    public String workers() {
        return prefix + ".workers";
    }
}
