package dev.sluice.bench.chaos.seen;

import dev.sluice.bench.chaos.script.Errand;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A run that a gateway accepted, with all that its client saw of it.
///
/// @param run its id
/// @param started by which request
/// @param sightings of each of its watchers
/// @param view what was told of it in the end; null if nothing was before the client gave up
/// @param absent for how long it was not found then
/// @param cancelled whether its client had it cancelled, at whatever time
public record AcceptedRun(
        String run,
        String started,
        Errand errand,
        List<Sighting> sightings,
        @Nullable RunView view,
        Duration absent,
        boolean cancelled) {
    public AcceptedRun {
        sightings = List.copyOf(sightings);
    }
}
