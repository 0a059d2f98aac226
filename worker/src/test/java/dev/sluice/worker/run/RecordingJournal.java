package dev.sluice.worker.run;

import dev.sluice.common.run.RunEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/// A journal in memory, which may be told to lose what it is told.
public final class RecordingJournal implements Journal {
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private final List<RunEvent> committed = new CopyOnWriteArrayList<>();
    private volatile Predicate<RunEvent> losing = _ -> false;
    private volatile Gate gate = () -> {};

    /// What a commit waits for.
    @FunctionalInterface
    public interface Gate {
        /// Waits.
        void pass() throws InterruptedException;
    }

    /// Loses the first event that fits, and whatever comes after it.
    public void lose(Predicate<RunEvent> which) {
        losing = which;
    }

    /// Has each commit wait.
    public void commitBehind(Gate newGate) {
        gate = newGate;
    }

    @Override
    public void tell(RunEvent event) {
        if (losing.test(event)) {
            losing = _ -> true;
            throw new LostException(new IllegalStateException("lost"));
        }
        events.add(event);
    }

    @Override
    public void flush() {}

    @Override
    public void commit(RunEvent event) throws InterruptedException {
        tell(event);
        gate.pass();
        committed.add(event);
    }

    /// All it was told, in order.
    public List<RunEvent> events() {
        return List.copyOf(events);
    }

    /// What it was told of one kind.
    public <E extends RunEvent> List<E> events(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /// What was committed, once that was done.
    public List<RunEvent> committed() {
        return List.copyOf(committed);
    }
}
