package dev.sluice.bench.chaos.load;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Closes streams on which nothing has come for too long, so that their readers wake up.
final class Watchdog implements AutoCloseable {
    private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("watchdog").daemon().factory());

    Watchdog() {
        clock.scheduleWithFixedDelay(
                () -> watched.forEach(Watched::closeIfSilent), 500, 500, TimeUnit.MILLISECONDS);
    }

    Watched watch(InputStream in, Duration silence) {
        Watched stream = new Watched(in, silence);
        watched.add(stream);
        return stream;
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }

    /// A stream that is closed when it stays silent.
    final class Watched extends FilterInputStream {
        private final long nanos;
        private volatile long last = System.nanoTime();
        private volatile boolean silenced;

        private Watched(InputStream in, Duration silence) {
            super(in);
            this.nanos = silence.toNanos();
        }

        @Override
        public int read() throws IOException {
            throw new IOException("read byte by byte");
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = in.read(bytes, offset, length);
            if (silenced) {
                throw new IOException("silent");
            }
            last = System.nanoTime();
            return read;
        }

        @Override
        public void close() throws IOException {
            watched.remove(this);
            super.close();
        }

        private void closeIfSilent() {
            if (System.nanoTime() - last > nanos) {
                silenced = true;
                try {
                    close();
                } catch (IOException _) {
                    // Its reader learns of it.
                }
            }
        }
    }
}
