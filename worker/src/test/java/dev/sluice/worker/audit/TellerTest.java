package dev.sluice.worker.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What is told one after the other, and that nothing is left behind.
class TellerTest {
    private static final int MANY = 1_000;

    private final Teller teller = new Teller();

    @AfterEach
    void close() {
        teller.close();
    }

    @Test
    void whatComesOneAfterTheOtherIsDoneSoOnOneThread() throws InterruptedException {
        Queue<Integer> done = new ConcurrentLinkedQueue<>();
        Queue<Thread> threads = new ConcurrentLinkedQueue<>();
        var all = new CountDownLatch(MANY);
        List<Integer> numbers = IntStream.range(0, MANY).boxed().toList();

        for (Integer number : numbers) {
            teller.execute(() -> {
                done.add(number);
                threads.add(Thread.currentThread());
                all.countDown();
            });
        }

        assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(done).containsExactlyElementsOf(numbers);
        assertThat(threads).doesNotContain(Thread.currentThread());
        assertThat(threads.stream().distinct()).hasSize(1);
    }

    @Test
    void whatFailsHoldsUpNothingBehindIt() throws InterruptedException {
        var behind = new CountDownLatch(1);

        teller.execute(() -> {
            throw new IllegalStateException("cannot be told");
        });
        teller.execute(behind::countDown);

        assertThat(behind.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatIsToldMeanwhileIsDoneToo() throws InterruptedException {
        var told = new CountDownLatch(1);

        teller.execute(() -> teller.execute(told::countDown));

        assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aClosedOneTakesWithoutComplaintWhatItWillNotDo() {
        teller.close();

        assertThatCode(() -> teller.execute(() -> {})).doesNotThrowAnyException();
    }
}
