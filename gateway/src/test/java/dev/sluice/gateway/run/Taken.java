package dev.sluice.gateway.run;

import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.TextDelta;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntPredicate;
import org.awaitility.Awaitility;

/// A client that notes what it is given, and has room while the test says so of how much that is.
class Taken implements RunSink {
    final List<RunEvent> events = new CopyOnWriteArrayList<>();
    final List<Reply> replies = new CopyOnWriteArrayList<>();
    final List<Long> offsets = new CopyOnWriteArrayList<>();
    final CountDownLatch broken = new CountDownLatch(1);
    final CountDownLatch forgotten = new CountDownLatch(1);
    private final IntPredicate room;

    Taken(IntPredicate room) {
        this.room = room;
    }

    Taken() {
        this(_ -> true);
    }

    @Override
    public void take(Reply reply, long offset) {
        replies.add(reply);
        offsets.add(offset);
        events.add(reply.event());
    }

    @Override
    public void broken() {
        broken.countDown();
    }

    @Override
    public void forgotten() {
        forgotten.countDown();
    }

    @Override
    public boolean hasRoom() {
        return room.test(events.size());
    }

    List<Integer> texts() {
        return events.stream()
                .filter(TextDelta.class::isInstance)
                .map(event -> Integer.valueOf(((TextDelta) event).text()))
                .toList();
    }

    void awaitEnd() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> !events.isEmpty() && events.getLast().terminal());
    }
}
