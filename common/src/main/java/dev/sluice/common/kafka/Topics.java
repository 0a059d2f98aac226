package dev.sluice.common.kafka;

import dev.sluice.common.run.Lane;
import java.util.Arrays;
import java.util.List;

/// The names of Sluice's topics and of the groups that share the runs.
///
/// @param prefix what they all begin with
public record Topics(String prefix) {
    /// Requests for runs of a lane: the queue that workers share.
    public String runs(Lane lane) {
        return prefix + ".runs." + lane.wireName();
    }

    /// Those of all lanes.
    public List<String> runs() {
        return Arrays.stream(Lane.values()).map(this::runs).toList();
    }

    /// The events of runs.
    public String replies() {
        return prefix + ".replies";
    }

    /// Offers that no worker survived, with why.
    public String deadLetter() {
        return prefix + ".dead-letter";
    }

    /// What happened to requests and runs, for anybody to read.
    public String audit() {
        return prefix + ".audit";
    }

    /// Words to whichever worker executes a run.
    public String control() {
        return prefix + ".control";
    }

    /// The share group of the workers that take a lane's runs.
    public String workers(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> prefix + ".workers";
            case BATCH -> prefix + ".workers.batch";
        };
    }
}
