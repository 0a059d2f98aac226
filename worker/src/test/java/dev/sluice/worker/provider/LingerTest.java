package dev.sluice.worker.provider;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LingerTest {
    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final Linger linger = new Linger(loop);
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void whatJoinsIsDoneInOneGoAndInOrder() throws Exception {
        loop.runOnContext(_ -> {
            linger.join(() -> {
                said.add("one");
                loop.runOnContext(_ -> said.add("the loop's next task"));
            });
            linger.join(() -> said.add("two"));
            linger.join(() -> said.add("three"));
        });

        assertThat(heard(4)).containsExactly("one", "two", "three", "the loop's next task");
    }

    @Test
    void whatJoinsWhileOthersAreDoneIsDoneAMomentLater() throws Exception {
        var distance = new CompletableFuture<Long>();
        loop.runOnContext(_ ->
                linger.join(() -> {
                    long first = System.nanoTime();
                    linger.join(() -> {
                        said.add("two");
                        distance.complete(System.nanoTime() - first);
                    });
                    said.add("one");
                }));

        assertThat(heard(2)).containsExactly("one", "two");
        // A timer may fire up to a millisecond early.
        assertThat(distance.get(10, SECONDS)).isGreaterThan(3_500_000L);
    }

    @Test
    void aTaskThatFailsHoldsUpNoOther() throws Exception {
        loop.runOnContext(_ -> {
            linger.join(() -> {
                throw new IllegalStateException("not mine");
            });
            linger.join(() -> said.add("two"));
        });

        assertThat(heard(1)).containsExactly("two");
    }

    private List<String> heard(int most) throws InterruptedException {
        var heard = new ArrayList<String>();
        for (int i = 0; i < most; i++) {
            heard.add(String.valueOf(said.poll(10, SECONDS)));
        }
        return heard;
    }
}
