package dev.sluice.bench.chaos.seen;

import dev.sluice.common.run.Usage;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one client was shown of a run, over all its connections.
///
/// @param as what it asked for
/// @param end how what it was shown ended
/// @param text the answer's text as far as it was shown
/// @param usage the usage it was told
/// @param trail the numbered events it was shown; of a chat stream none
/// @param lost how many frames are missing
/// @param doubled how many frames came twice
/// @param disordered how many frames came after later ones, or after the end
/// @param faults what else was wrong
/// @param absent for how long the run was not found
/// @param connections over how many it was shown
public record Sighting(
        As as,
        End end,
        String text,
        @Nullable Usage usage,
        Trail trail,
        int lost,
        int doubled,
        int disordered,
        List<String> faults,
        Duration absent,
        int connections) {
    public Sighting {
        faults = List.copyOf(faults);
    }

    /// In which form a client watches a run.
    public enum As {
        /// Chat completion chunks.
        CHAT,
        /// The run's events.
        EVENTS
    }

    /// How what a client was shown ended.
    public enum End {
        /// With the run's completion.
        COMPLETED,
        /// With an error frame that names the run.
        ERROR_FRAME,
        /// With the run's failure or cancellation.
        FAILED,
        /// Not at all: the client gave up.
        NONE
    }
}
