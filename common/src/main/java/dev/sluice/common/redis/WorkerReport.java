package dev.sluice.common.redis;

import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunId;
import java.util.List;

/// What a worker says of itself with each beat. Fields may be added: a reader passes over those
/// that it does not know, and one that is absent is 0, empty or false.
///
/// @param version the version of Sluice that it runs
/// @param draining whether it takes no more runs and ends when those it has are done
/// @param slots how many runs it can execute at once
/// @param batchSlots how many of these slots batch runs may take
/// @param interactive how it does in the interactive lane
/// @param batch how it does in the batch lane
/// @param longest the runs that it has executed for longest, the longest first
public record WorkerReport(
        String version,
        boolean draining,
        int slots,
        int batchSlots,
        Load interactive,
        Load batch,
        List<Executing> longest) {
    /// How a worker does in a lane.
    ///
    /// @param executing how many runs have a slot
    /// @param waiting how many runs are claimed and wait for a slot, or are being taken up
    /// @param ending how many runs had their slot and are being ended or handed over
    /// @param ended how many runs ended in a second, lately
    /// @param failed how many of these did not complete and were not cancelled
    public record Load(int executing, int waiting, int ending, double ended, double failed) {
        private static final Load NONE = new Load(0, 0, 0, 0, 0);
    }

    /// A run that executes.
    ///
    /// @param attempt which attempt at it this is, from 1
    /// @param millis for how long it has had its slot
    public record Executing(RunId run, String agent, Lane lane, int attempt, long millis) {}

    public WorkerReport {
        version = version == null ? "" : version;
        interactive = interactive == null ? Load.NONE : interactive;
        batch = batch == null ? Load.NONE : batch;
        longest = longest == null ? List.of() : List.copyOf(longest);
    }

    /// How it does in a lane.
    public Load in(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> interactive;
            case BATCH -> batch;
        };
    }

    /// How many of its slots are used.
    public int used() {
        return interactive.executing() + batch.executing();
    }

    /// How many claimed runs wait on it for a slot, or are being taken up.
    public int waiting() {
        return interactive.waiting() + batch.waiting();
    }

    /// How many slots of a lane count as there: one that drains has only those that it still uses.
    public int slotsOf(Lane lane) {
        if (draining) {
            return lane == Lane.BATCH ? batch.executing() : used();
        }
        return lane == Lane.BATCH ? batchSlots : slots;
    }
}
