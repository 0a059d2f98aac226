package dev.sluice.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SlotsTest {
    private final List<String> taken = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    @AfterEach
    void stop() {
        threads.forEach(Thread::interrupt);
    }

    private static ConditionFactory soon() {
        return Awaitility.await().atMost(Duration.ofSeconds(5)).pollInterval(Duration.ofMillis(2));
    }

    /// Has a run of a lane wait for a slot, behind those that wait already.
    private Thread waits(Slots slots, Lane lane, String name) {
        int before = slots.queued();
        Thread thread =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                slots.take(lane);
                                taken.add(name);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        threads.add(thread);
        soon().until(() -> taken.contains(name) || slots.queued() > before);
        return thread;
    }

    @Test
    void batchRunsHaveTheirShareAndNoMore() throws Exception {
        Slots slots = new Slots(4, 2);

        waits(slots, Lane.BATCH, "b1");
        waits(slots, Lane.BATCH, "b2");
        waits(slots, Lane.BATCH, "b3");

        soon().until(() -> taken.size() == 2);
        assertThat(taken).containsExactlyInAnyOrder("b1", "b2");
        assertThat(slots.used()).isEqualTo(2);
        assertThat(slots.queued()).isEqualTo(1);
        slots.take(Lane.INTERACTIVE);
        slots.take(Lane.INTERACTIVE);
        assertThat(slots.free()).isZero();
        slots.giveBack(Lane.BATCH);
        soon().until(() -> taken.contains("b3"));
    }

    @Test
    void anInteractiveRunThatWaitsComesBeforeTheBatchRunsThatWaitedLonger() throws Exception {
        Slots slots = new Slots(1, 1);
        slots.take(Lane.BATCH);
        waits(slots, Lane.BATCH, "b1");
        waits(slots, Lane.BATCH, "b2");
        waits(slots, Lane.INTERACTIVE, "i1");
        waits(slots, Lane.INTERACTIVE, "i2");

        for (Lane lane : List.of(Lane.BATCH, Lane.INTERACTIVE, Lane.INTERACTIVE, Lane.BATCH)) {
            int before = taken.size();
            slots.giveBack(lane);
            soon().until(() -> taken.size() > before);
        }

        assertThat(taken).containsExactly("i1", "i2", "b1", "b2");
    }

    @Test
    void whoeverWaitsNoLongerLeavesItsPlaceToTheNext() throws Exception {
        Slots slots = new Slots(1, 1);
        slots.take(Lane.INTERACTIVE);
        Thread first = waits(slots, Lane.BATCH, "b1");
        waits(slots, Lane.BATCH, "b2");

        first.interrupt();
        first.join();
        slots.giveBack(Lane.INTERACTIVE);

        soon().until(() -> taken.contains("b2"));
        slots.giveBack(Lane.BATCH);
        assertThat(slots.free()).isEqualTo(1);
        assertThat(slots.queued()).isZero();
        assertThat(taken).containsExactly("b2");
    }

    @Test
    void anInterruptThatComesWithTheSlotLosesNone() throws Exception {
        Slots slots = new Slots(1, 1);
        for (int i = 0; i < 500; i++) {
            slots.take(Lane.BATCH);
            Thread waiting = waits(slots, Lane.BATCH, "b" + i);
            Thread.ofVirtual().start(waiting::interrupt);
            slots.giveBack(Lane.BATCH);
            waiting.join();
            if (taken.contains("b" + i)) {
                slots.giveBack(Lane.BATCH);
            }
            assertThat(slots.free()).isEqualTo(1);
        }
    }
}
