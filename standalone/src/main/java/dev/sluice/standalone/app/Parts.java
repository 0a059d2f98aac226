package dev.sluice.standalone.app;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Parts of one process: started side by side, closed one by one, the last first. Belongs to one
/// thread.
final class Parts implements AutoCloseable {
    private record Starting(FutureTask<? extends AutoCloseable> part, Thread thread) {}

    private final List<Starting> starting = new ArrayList<>();
    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    /// Begins to start a part on a thread of its own. What is returned is done after [#await].
    <T extends AutoCloseable> FutureTask<T> start(String name, Callable<T> start) {
        var part = new FutureTask<>(start);
        starting.add(new Starting(part, Thread.ofPlatform().name("start-" + name).start(part)));
        return part;
    }

    /// Waits until every part begun so far has started. Where one fails, or the caller is
    /// interrupted, closes all of them and throws the first failure. Interrupts are passed on to
    /// the starts under way, and what had started all the same is closed too.
    void await() throws Exception {
        @Nullable Exception failure = null;
        for (int next = 0; next < starting.size(); ) {
            try {
                started.push(starting.get(next).part.get());
                next++;
            } catch (ExecutionException e) {
                failure = first(failure, e.getCause() instanceof Exception cause ? cause : e);
                next++;
            } catch (InterruptedException e) {
                failure = first(failure, e);
                starting.forEach(other -> other.thread.interrupt());
            }
        }
        starting.clear();
        if (failure != null) {
            try {
                close();
            } catch (RuntimeException e) {
                failure.addSuppressed(e);
            }
            throw failure;
        }
    }

    /// Closes them all, whatever becomes of each, and throws the first failure.
    @Override
    public void close() {
        @Nullable RuntimeException failure = null;
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failure = first(failure, new IllegalStateException("interrupted", e));
            } catch (RuntimeException e) {
                failure = first(failure, e);
            } catch (Exception e) {
                failure = first(failure, new IllegalStateException(e.getMessage(), e));
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static <E extends Exception> E first(@Nullable E earlier, E later) {
        if (earlier == null) {
            return later;
        }
        earlier.addSuppressed(later);
        return earlier;
    }
}
