package dev.sluice.worker.lease;

import dev.sluice.common.config.WorkerConfig;
import dev.sluice.common.redis.WorkerReport;
import dev.sluice.worker.run.Permit;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a worker's lease: one beat for all of its runs, on a thread of its own. Its answers are
/// safe for any thread.
///
/// Time is taken by the monotonic clock, from before a beat was sent. A worker that was not heard
/// for longer than its lease lasts may still be in time: only a reaper ends a lease. Until the next
/// beat says which, it begins nothing.
public final class Heart implements Runnable, Permit {
    private static final Logger LOG = LoggerFactory.getLogger(Heart.class);

    private final String worker;
    private final Leases leases;
    private final WorkerConfig.Lease config;
    private final Supplier<WorkerReport> report;
    private final Listener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition beaten = lock.newCondition();

    private int number = 1;
    private String epoch = "";
    private Duration epochAge = Duration.ZERO;
    private boolean held;
    private long lastBeat;
    private long steadySince;
    private volatile boolean closing;

    /// Is told, on the heart's thread, what concerns all runs.
    public interface Listener {
        /// A reaper has taken the lease: none of the runs under it is this worker's any more.
        void leaseLost(String lease);

        /// Redis lost what it knew of runs.
        void dataLost();
    }

    /// @param report says, on the heart's thread, how the worker does
    public Heart(
            String worker,
            Leases leases,
            WorkerConfig.Lease config,
            Supplier<WorkerReport> report,
            Listener listener) {
        this.worker = worker;
        this.leases = leases;
        this.config = config;
        this.report = report;
        this.listener = listener;
    }

    /// Beats until [#close()].
    @Override
    public void run() {
        try {
            while (!closing) {
                long began = System.nanoTime();
                beat(began);
                long left = config.beat().toNanos() - (System.nanoTime() - began);
                if (left > 0 && !closing) {
                    TimeUnit.NANOSECONDS.sleep(left);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void beat(long began) throws InterruptedException {
        String lease = lease();
        String known = epoch;
        Leases.Beat beat;
        try {
            beat =
                    leases.beat(lease, known, report())
                            .toCompletableFuture()
                            .get(config.ttl().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException | RedisException e) {
            LOG.atDebug().setCause(e).log("a beat failed");
            return;
        }
        if (!beat.held()) {
            LOG.atWarn().addKeyValue("lease", lease).log("the lease was lost");
            renew();
            listener.leaseLost(lease);
            return;
        }
        if (!known.isEmpty() && !known.equals(beat.epoch())) {
            LOG.atWarn().addKeyValue("lease", lease).log("Redis lost its data");
            listener.dataLost();
        }
        took(began, beat);
    }

    /// What is said of the worker may be wrong, but its runs do not hang on that.
    private @Nullable WorkerReport report() {
        try {
            return report.get();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("the worker cannot say how it does");
            return null;
        }
    }

    /// Goes on under another lease, which begins with the next beat.
    private void renew() {
        lock.lock();
        try {
            number++;
            epoch = "";
            held = false;
        } finally {
            lock.unlock();
        }
    }

    private void took(long began, Leases.Beat beat) {
        lock.lock();
        try {
            if (!held || began - lastBeat > config.ttl().minus(config.margin()).toNanos()) {
                steadySince = began;
            }
            held = true;
            lastBeat = began;
            epoch = beat.epoch();
            epochAge = beat.age();
            beaten.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The lease under which to claim.
    public String lease() {
        lock.lock();
        try {
            return number == 1 ? worker : worker + "." + number;
        } finally {
            lock.unlock();
        }
    }

    /// The epoch of the data that Redis has, as of the last beat.
    String epoch() {
        lock.lock();
        try {
            return epoch;
        } finally {
            lock.unlock();
        }
    }

    /// Whether the last beat is younger than the lease less its margin.
    public boolean fresh() {
        lock.lock();
        try {
            return freshFor() > 0;
        } finally {
            lock.unlock();
        }
    }

    /// Whether this worker may judge others: it, Redis and what Redis knows have been there for as
    /// long as a lease lasts, so that everybody who lives has been heard.
    boolean maySee() {
        lock.lock();
        try {
            return freshFor() > 0
                    && System.nanoTime() - steadySince > config.ttl().toNanos()
                    && epochAge.compareTo(config.ttl()) > 0;
        } finally {
            lock.unlock();
        }
    }

    /// Nanoseconds for which the last beat is good; none or less where it is not.
    private long freshFor() {
        return held
                ? config.ttl().minus(config.margin()).toNanos() - (System.nanoTime() - lastBeat)
                : 0;
    }

    @Override
    public void await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (freshFor() <= 0) {
                beaten.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits until it is fresh, for so long. Returns whether it is.
    public boolean await(Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lockInterruptibly();
        try {
            while (freshFor() <= 0) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = beaten.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Stops beating. From any thread.
    public void close() {
        closing = true;
    }
}
