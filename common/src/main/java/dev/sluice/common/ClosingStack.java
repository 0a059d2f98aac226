package dev.sluice.common;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a process has opened, to be closed in reverse. Belongs to one thread at a time.
public final class ClosingStack implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClosingStack.class);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /// How a part is closed.
    @FunctionalInterface
    public interface Closing<T> {
        /// Closes it. Blocks until that is done.
        void close(T part) throws Exception;
    }

    /// Remembers a part, and how it is closed.
    public <T> T opened(T part, Closing<? super T> closing) {
        opened.push(() -> closing.close(part));
        return part;
    }

    /// Remembers a part.
    public <T extends AutoCloseable> T opened(T part) {
        return opened(part, AutoCloseable::close);
    }

    /// Waits for what Vert.x does on its own threads, for so long.
    ///
    /// @throws InterruptedException if the caller is interrupted
    /// @throws ExecutionException with the cause, if it failed or took too long
    public static <T> T await(Future<T> future, Duration patience)
            throws InterruptedException, ExecutionException {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new ExecutionException(e);
        }
    }

    /// Closes everything, the last first. A part that does not close holds up none of the others.
    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.atWarn().setCause(e).log("a part did not close");
            }
        }
    }
}
