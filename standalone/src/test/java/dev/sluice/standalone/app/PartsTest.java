package dev.sluice.standalone.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class PartsTest {
    final List<String> closed = new CopyOnWriteArrayList<>();
    final Parts parts = new Parts();

    @Test
    void partsStartSideBySide() throws Exception {
        var bothStarting = new CountDownLatch(2);
        parts.start("a", () -> partAfter("a", bothStarting));
        parts.start("b", () -> partAfter("b", bothStarting));

        parts.await();

        assertThat(bothStarting.getCount()).isZero();
        parts.close();
    }

    @Test
    void theLastPartIsClosedFirst() throws Exception {
        parts.start("a", () -> part("a"));
        parts.start("b", () -> part("b"));
        parts.await();
        parts.start("c", () -> part("c"));
        parts.await();

        parts.close();

        assertThat(closed).containsExactly("c", "b", "a");
    }

    @Test
    void aPartThatDoesNotStartClosesTheOthersAndIsTheFailure() {
        var failure = new IllegalStateException("port taken");
        parts.start("a", () -> part("a"));
        parts.start(
                "b",
                () -> {
                    throw failure;
                });
        parts.start("c", () -> part("c"));

        assertThatThrownBy(parts::await).isSameAs(failure);

        assertThat(closed).containsExactly("c", "a");
    }

    @Test
    void aPartThatDoesNotCloseDoesNotKeepTheOthersOpen() throws Exception {
        var failure = new IllegalStateException("stuck");
        parts.start("a", () -> part("a"));
        parts.start(
                "b",
                () ->
                        () -> {
                            throw failure;
                        });
        parts.await();

        assertThatThrownBy(parts::close).isSameAs(failure);

        assertThat(closed).containsExactly("a");
    }

    @Test
    void anInterruptReachesAStartThatHangs() {
        parts.start("a", () -> part("a"));
        parts.start("b", () -> partAfter("b", new CountDownLatch(2)));
        Thread.currentThread().interrupt();

        assertThatThrownBy(parts::await).isInstanceOf(InterruptedException.class);

        assertThat(closed).containsExactly("a");
    }

    private AutoCloseable part(String name) {
        return () -> closed.add(name);
    }

    private AutoCloseable partAfter(String name, CountDownLatch all) throws InterruptedException {
        all.countDown();
        assertThat(all.await(8, TimeUnit.SECONDS)).isTrue();
        return part(name);
    }
}
