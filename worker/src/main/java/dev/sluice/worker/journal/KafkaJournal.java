package dev.sluice.worker.journal;

import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.worker.run.Journal;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/// Writes one attempt's events to the run's partition of the reply topic and numbers them.
///
/// While a delta is on its way to the broker, those that follow wait and are joined, so that a fast
/// model costs no more records than the broker takes round trips; the first one never waits. Any
/// other event goes out at once, after what waits. Once a record failed, nothing more is written: a
/// journal has no gaps.
public final class KafkaJournal implements Journal {
    private final Producer<String, byte[]> producer;
    private final String topic;
    private final int partition;
    private final RunId run;
    private final int attempt;
    private final String claim;
    private final Clock clock;
    private final Runnable onLost;

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<RunEvent> waiting = new ArrayDeque<>();
    private boolean deltaUnderWay;
    private long seq;
    private final AtomicReference<@Nullable Exception> lost = new AtomicReference<>();

    /// A journal of the attempt that has no events yet.
    ///
    /// @param producer one whose `send` does not block
    /// @param onLost called once when a record could not be written, on the producer's thread
    public KafkaJournal(
            Producer<String, byte[]> producer,
            String topic,
            int partition,
            RunId run,
            int attempt,
            String claim,
            Clock clock,
            Runnable onLost) {
        this.producer = producer;
        this.topic = topic;
        this.partition = partition;
        this.run = run;
        this.attempt = attempt;
        this.claim = claim;
        this.clock = clock;
        this.onLost = onLost;
    }

    /// Tells that the attempt began; the first word of every journal.
    public void begin(String worker) {
        lock.lock();
        try {
            send(new RunEvent.AttemptStarted(worker), 0, KafkaJournal::nothing);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void tell(RunEvent event) {
        lock.lock();
        try {
            if (event.piece()) {
                takeDelta(event);
            } else {
                sendWaiting();
                send(event, ++seq, KafkaJournal::nothing);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void commit(RunEvent event) throws InterruptedException {
        CompletableFuture<Void> written = new CompletableFuture<>();
        lock.lock();
        try {
            sendWaiting();
            send(event, ++seq, failure -> settle(written, failure));
        } finally {
            lock.unlock();
        }
        try {
            written.get();
        } catch (ExecutionException e) {
            throw new LostException(e.getCause() == null ? e : e.getCause());
        }
        refuseIfLost();
    }

    /// Writes a failing end though the journal was lost, and waits until it is there. Readers count
    /// it across the gap; nothing else would ever end the run.
    ///
    /// @throws LostException if it could not be written either
    public void giveUp(RunEvent end) throws InterruptedException {
        CompletableFuture<Void> written = new CompletableFuture<>();
        lock.lock();
        try {
            waiting.clear();
            send(end, ++seq, failure -> settle(written, failure));
        } finally {
            lock.unlock();
        }
        try {
            written.get();
        } catch (ExecutionException e) {
            throw new LostException(e.getCause() == null ? e : e.getCause());
        }
    }

    private void takeDelta(RunEvent delta) {
        refuseIfLost();
        if (!deltaUnderWay) {
            sendDelta(delta);
            return;
        }
        RunEvent last = waiting.peekLast();
        RunEvent joined = last == null ? null : Deltas.join(last, delta);
        if (joined == null) {
            waiting.add(delta);
        } else {
            waiting.removeLast();
            waiting.add(joined);
        }
    }

    private void sendDelta(RunEvent delta) {
        deltaUnderWay = true;
        send(delta, ++seq, _ -> deltaArrived());
    }

    /// On the producer's thread.
    private void deltaArrived() {
        lock.lock();
        try {
            deltaUnderWay = false;
            RunEvent last = waiting.pollLast();
            if (last != null && lost.get() == null) {
                sendWaiting();
                sendDelta(last);
            }
        } catch (LostException e) {
            // Whoever has to know was told when it was lost; the producer's thread need not.
            waiting.clear();
        } finally {
            lock.unlock();
        }
    }

    private void sendWaiting() {
        for (RunEvent event = waiting.poll(); event != null; event = waiting.poll()) {
            send(event, ++seq, KafkaJournal::nothing);
        }
    }

    private void send(RunEvent event, long number, Consumer<@Nullable Exception> after) {
        // The one before it may have been refused on this very thread.
        refuseIfLost();
        Reply reply = new Reply(run, attempt, claim, number, clock.instant(), event);
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic, partition, run.value(), RunCodec.encode(reply));
        try {
            producer.send(
                    record,
                    (_, failure) -> {
                        if (failure != null) {
                            lose(failure);
                        }
                        after.accept(failure);
                    });
        } catch (KafkaException | IllegalStateException e) {
            lose(e);
            throw new LostException(e);
        }
    }

    private static void nothing(@Nullable Exception failure) {}

    private static void settle(CompletableFuture<Void> written, @Nullable Exception failure) {
        if (failure == null) {
            written.complete(null);
        } else {
            written.completeExceptionally(failure);
        }
    }

    private void lose(Exception failure) {
        if (lost.compareAndSet(null, failure)) {
            onLost.run();
        }
    }

    private void refuseIfLost() {
        Exception failure = lost.get();
        if (failure != null) {
            throw new LostException(failure);
        }
    }
}
