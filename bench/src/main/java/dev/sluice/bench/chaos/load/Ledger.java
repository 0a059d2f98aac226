package dev.sluice.bench.chaos.load;

import dev.sluice.bench.chaos.seen.AcceptedRun;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What all clients met. Thread-safe.
public final class Ledger {
    private final List<AcceptedRun> runs = new ArrayList<>();
    private final Set<String> open = new HashSet<>();
    private final List<String> complaints = new ArrayList<>();
    private int accepted;
    private int refused;
    private int unanswered;

    /// How things stand.
    ///
    /// @param runs those that clients have done with
    /// @param open accepted runs that clients still follow
    /// @param refused requests that were refused
    /// @param unanswered requests of which nobody knows what became
    /// @param complaints answers that no client should get
    public record Account(
            List<AcceptedRun> runs,
            Set<String> open,
            int refused,
            int unanswered,
            List<String> complaints) {
        public Account {
            runs = List.copyOf(runs);
            open = Set.copyOf(open);
            complaints = List.copyOf(complaints);
        }
    }

    synchronized void accepted(String run) {
        accepted++;
        open.add(run);
    }

    synchronized void done(AcceptedRun run) {
        open.remove(run.run());
        runs.add(run);
    }

    synchronized void refused() {
        refused++;
    }

    synchronized void unanswered() {
        unanswered++;
    }

    synchronized void complain(String what) {
        complaints.add(what);
    }

    /// All of it.
    public synchronized Account account() {
        return new Account(runs, open, refused, unanswered, complaints);
    }

    /// How many runs clients have done with.
    public synchronized int done() {
        return runs.size();
    }

    /// In a few words.
    public synchronized String brief() {
        return "%d runs accepted, %d done".formatted(accepted, runs.size());
    }
}
