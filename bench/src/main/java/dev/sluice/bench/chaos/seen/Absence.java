package dev.sluice.bench.chaos.seen;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// For how long a run that was accepted was not found, at a stretch and at the most. Belongs to one
/// thread.
public final class Absence {
    private @Nullable Long since;
    private Duration longest = Duration.ZERO;

    /// The run was not found.
    public void missed() {
        if (since == null) {
            since = System.nanoTime();
        }
        longest();
    }

    /// The run was found.
    public void found() {
        longest();
        since = null;
    }

    /// The longest so far; zero if it was always found.
    public Duration longest() {
        if (since != null) {
            Duration lasting = Duration.ofNanos(System.nanoTime() - since + 1);
            longest = lasting.compareTo(longest) > 0 ? lasting : longest;
        }
        return longest;
    }
}
