package dev.sluice.bench.load;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.time.Duration;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/// Asks a side in one of the patterns there are, and returns when all that was asked is over. Its
/// methods block and belong to one thread; what they ask lives on one event loop.
public final class Load implements AutoCloseable {
    private static final int PLENTY = 20_000;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long AFTER_FAILURE_MILLIS = 100;
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int MOST_SLICES = 18;
    private static final int SLICES_ALIKE = 2;
    private static final double FASTER = 1.05;

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
    private final Context loop = vertx.getOrCreateContext();
    private final HttpClient http =
            vertx.createHttpClient(
                    new HttpClientOptions().setTcpNoDelay(true).setKeepAlive(true),
                    new PoolOptions().setHttp1MaxSize(PLENTY));

    HttpClient http() {
        return http;
    }

    /// The event loop, on which sides are asked.
    public Context loop() {
        return loop;
    }

    /// A closed loop: keeps so many requests under way, each new one beginning where one has ended.
    /// What ends after the time is not counted, but waited for.
    ///
    /// The time of a slow answer is time in which nothing is asked, so it tells how long an answer
    /// takes under just this load, and how many there can be; for how long clients wait that come
    /// when they come, see [#atRate].
    public Measured inFlight(Side side, Question question, int count, Duration time)
            throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        var tally = new Tally(end);
        var open = new Phaser(1 + count);
        loop.runOnContext(_ -> {
            for (int i = 0; i < count; i++) {
                askUntil(end, side, question, tally, open);
            }
        });
        await(open, tally);
        return tally.measured(time.toNanos() / NANOS);
    }

    /// Keeps so many requests under way until a side gets no faster, because all that it runs has
    /// been compiled: until twice in a row a slice of time brings no twentieth more answers than
    /// the best one before it, and for eighteen slices at the most.
    public void warmUp(Side side, Question question, int count, Duration slice)
            throws InterruptedException {
        double best = 0;
        int alike = 0;
        for (int i = 0; i < MOST_SLICES && alike < SLICES_ALIKE; i++) {
            double rate = inFlight(side, question, count, slice).rate();
            alike = rate > best * FASTER ? 0 : alike + 1;
            best = Math.max(best, rate);
        }
    }

    private void askUntil(long end, Side side, Question question, Tally tally, Phaser open) {
        long now = System.nanoTime();
        if (now >= end) {
            open.arriveAndDeregister();
            return;
        }
        side.ask(question, now, tally)
                .onSuccess(_ -> askUntil(end, side, question, tally, open))
                .onFailure(failure -> {
                    tally.failed(String.valueOf(failure.getMessage()));
                    // A side that refuses at once would be asked as fast as it refuses.
                    vertx.setTimer(
                            AFTER_FAILURE_MILLIS, _ -> askUntil(end, side, question, tally, open));
                });
    }

    /// An open loop: requests begin at fixed times, whether or not earlier ones have ended, and
    /// their times count from when they were to begin. A side that stops for a while is charged
    /// with what all clients that come meanwhile wait (no coordinated omission).
    public Measured atRate(Side side, Question question, double perSecond, Duration time)
            throws InterruptedException {
        long count = Math.max(1, Math.round(perSecond * time.toNanos() / NANOS));
        var tally = Tally.endless();
        var open = new Phaser(1);
        long start = System.nanoTime();
        for (long i = 0; i < count; i++) {
            long intended = start + (long) (i * NANOS / perSecond);
            parkUntil(intended);
            open.register();
            loop.runOnContext(_ -> ask(intended, side, question, tally, open));
        }
        await(open, tally);
        return tally.measured((System.nanoTime() - start) / NANOS);
    }

    private static void ask(long intended, Side side, Question question, Tally tally, Phaser open) {
        tally.begun(intended, System.nanoTime());
        side.ask(question, intended, tally)
                .onFailure(failure -> tally.failed(String.valueOf(failure.getMessage())))
                .onComplete(_ -> open.arriveAndDeregister());
    }

    /// One request, to see that the side answers at all.
    ///
    /// @throws IllegalStateException saying why, if it does not answer as the script says
    public void once(Side side, Question question) throws InterruptedException {
        Measured measured = atRate(side, question, 1, Duration.ofMillis(1));
        if (!measured.clean()) {
            throw new IllegalStateException(
                    side.name() + " does not answer: " + measured.failures().keySet());
        }
    }

    private static void parkUntil(long moment) throws InterruptedException {
        for (long wait = moment - System.nanoTime(); wait > 0; wait = moment - System.nanoTime()) {
            LockSupport.parkNanos(wait);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /// Waits until everything is over; what is not after some minutes has failed.
    private static void await(Phaser open, Tally tally) throws InterruptedException {
        int phase = open.arriveAndDeregister();
        try {
            open.awaitAdvanceInterruptibly(phase, PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException _) {
            tally.failed(open.getUnarrivedParties() + " answers did not end");
        }
    }

    /// Closes all connections.
    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
