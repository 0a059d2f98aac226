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

    /// Jobs: what others submit to be run.
    public String jobs() {
        return prefix + ".jobs";
    }

    /// The results of jobs that do not say where else theirs is to go.
    public String results() {
        return prefix + ".results";
    }

    /// What nobody could do anything with, and why: offers that no worker survived, jobs that are
    /// none, results that could not be delivered.
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

    /// Whether a topic is for Sluice's own parts alone, so that no result may be sent there.
    public boolean internal(String topic) {
        return topic.startsWith(prefix + ".") && !topic.equals(results());
    }

    /// The group of the gateways that take jobs.
    public String jobIntake() {
        return prefix + ".jobs";
    }

    /// The group of the gateways that deliver the results of jobs.
    public String jobResults() {
        return prefix + ".results";
    }

    /// The share group of the workers that take a lane's runs.
    public String workers(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> prefix + ".workers";
            case BATCH -> prefix + ".workers.batch";
        };
    }
}
