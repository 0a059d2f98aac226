package dev.sluice.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadTest {
    private static final Question TURN = Question.turn();

    private final Load load = new Load();

    @AfterEach
    void close() {
        load.close();
    }

    /// Asked a hundred times in a second, a side that answers nothing for that second and then all
    /// at once was waited for by half of its clients for half a second.
    @Test
    void anOpenLoopChargesASideThatStopsWithWhatAllClientsWait() throws Exception {
        var waiting = new ArrayList<Runnable>();
        Side stopped =
                side((from, tally) -> {
                    Promise<Void> over = Promise.promise();
                    waiting.add(() -> {
                        tally.answered(from, System.nanoTime());
                        over.complete();
                    });
                    if (waiting.size() == 100) {
                        waiting.forEach(Runnable::run);
                    }
                    return over.future();
                });

        Measured measured = load.atRate(stopped, TURN, 100, Duration.ofSeconds(1));

        assertThat(measured.answered()).isEqualTo(100);
        assertThat(measured.whole().p50()).isGreaterThan(450);
        assertThat(measured.whole().p95()).isGreaterThan(900);
        assertThat(measured.late().count()).isEqualTo(100);
    }

    @Test
    void aClosedLoopKeepsSoManyUnderWayAndNoMore() throws Exception {
        var open = new AtomicInteger();
        var counts = new ArrayList<Integer>();
        Side side =
                side((from, tally) -> {
                    counts.add(open.incrementAndGet());
                    Promise<Void> over = Promise.promise();
                    load.loop()
                            .runOnContext(_ -> {
                                open.decrementAndGet();
                                tally.answered(from, System.nanoTime());
                                over.complete();
                            });
                    return over.future();
                });

        Measured measured = load.inFlight(side, TURN, 4, Duration.ofMillis(100));

        assertThat(counts).contains(4).allMatch(count -> count <= 4);
        assertThat(open).hasValue(0);
        assertThat(measured.rate()).isEqualTo(measured.answered() / 0.1);
    }

    @Test
    void anAnswerAfterTheTimeIsWaitedForAndNotCounted() throws Exception {
        Side slow =
                side((from, tally) -> {
                    Promise<Void> over = Promise.promise();
                    load.loop()
                            .runOnContext(_ -> {
                                tally.answered(from, from + Duration.ofSeconds(2).toNanos());
                                over.complete();
                            });
                    return over.future();
                });

        Measured measured = load.inFlight(slow, TURN, 1, Duration.ofMillis(500));

        assertThat(measured.answered()).isZero();
        assertThat(measured.whole().count()).isZero();
        assertThat(measured.ended()).isPositive();
    }

    @Test
    void failuresAreCountedByTheirReasons() throws Exception {
        Side refusing = side((_, _) -> Future.failedFuture("no"));

        Measured measured = load.atRate(refusing, TURN, 1_000, Duration.ofMillis(10));

        assertThat(measured.failed()).isEqualTo(10);
        assertThat(measured.failures()).containsEntry("no", 10).hasSize(1);
        assertThat(measured.clean()).isFalse();
    }

    @Test
    void anInterruptStopsIt() throws Exception {
        var asked = new CountDownLatch(1);
        Side mute =
                side((_, _) -> {
                    asked.countDown();
                    return Promise.<Void>promise().future();
                });
        var stopped = new CountDownLatch(1);
        Thread thread =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                load.inFlight(mute, TURN, 1, Duration.ofMinutes(1));
                            } catch (InterruptedException _) {
                                stopped.countDown();
                            }
                        });
        asked.await();

        thread.interrupt();

        assertThat(stopped.await(5, TimeUnit.SECONDS)).isTrue();
    }

    @FunctionalInterface
    private interface Answer {
        Future<Void> to(long from, Tally tally);
    }

    private static Side side(Answer answer) {
        return new Side() {
            @Override
            public String name() {
                return "fake";
            }

            @Override
            public Future<Void> ask(Question question, long from, Tally tally) {
                return answer.to(from, tally);
            }
        };
    }
}
