package dev.sluice.worker.journal;

import dev.sluice.common.journal.History;
import dev.sluice.common.redis.RunEntry.StepOffset;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.worker.run.Journal;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/// Writes one attempt's events to the run's partition of the reply topic and numbers them.
///
/// Deltas wait until they are flushed and are joined. While some are on their way to the broker,
/// those that follow wait for their arrival, so that a fast model costs no more records than the
/// broker takes round trips. Any other event goes out at once, after what waits. Once a record
/// failed, nothing more is written: a journal has no gaps, and another attempt carries on before
/// the record that is missing.
public final class KafkaJournal implements Journal {
    private final Producer<String, byte[]> producer;
    private final Place place;
    private final RunId run;
    private final int attempt;
    private final String claim;
    private final Clock clock;
    private final Runnable onLost;
    private final Listener listener;

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<RunEvent> waiting = new ArrayDeque<>();
    private RunEvent.@Nullable AttemptStarted beginning;
    private boolean deltaUnderWay;
    private long seq;
    private int steps;
    private final AtomicReference<@Nullable Exception> lost = new AtomicReference<>();
    private final AtomicBoolean lossUntold = new AtomicBoolean();
    private final AtomicLong gapAt = new AtomicLong(Long.MAX_VALUE);

    /// Where a journal is written.
    ///
    /// @param largest the most bytes that an event may have
    public record Place(String topic, int partition, int largest) {}

    /// Whoever is told what becomes of a journal; it must not block.
    public interface Listener {
        /// An event was handed to the producer, under its number and under the journal's lock.
        void sent(Reply event);

        /// The broker has the attempt's beginning, which was sent with its first event. On the
        /// producer's thread.
        void began(Reply beginning);

        /// The broker has a step, which counts in this attempt. On the producer's thread.
        void step(Reply step, StepOffset where);
    }

    /// Who is told what became of one record, on the producer's thread, or at once where it was
    /// refused.
    private record Fate(LongConsumer written, Consumer<Exception> failed) {
        static final Fate UNWATCHED = new Fate(_ -> {}, _ -> {});

        static Fate settling(CompletableFuture<Long> written) {
            return new Fate(written::complete, written::completeExceptionally);
        }
    }

    /// A journal of the attempt that has no events yet.
    ///
    /// @param producer one whose `send` does not block
    /// @param onLost called once when a record could not be written, on the producer's thread or on
    ///   that which told the event, and never after [#mute()]
    /// @param listener told of what was written
    public KafkaJournal(
            Producer<String, byte[]> producer,
            Place place,
            RunId run,
            int attempt,
            String claim,
            Clock clock,
            Runnable onLost,
            Listener listener) {
        this.producer = producer;
        this.place = place;
        this.run = run;
        this.attempt = attempt;
        this.claim = claim;
        this.clock = clock;
        this.onLost = onLost;
        this.listener = listener;
    }

    /// Tells that the attempt began; the first word of every journal. Does not block; completes, on
    /// the producer's thread, with the record's offset, or with why it was not written.
    public CompletionStage<Long> begin(RunEvent.AttemptStarted beginning) {
        CompletableFuture<Long> written = new CompletableFuture<>();
        try {
            locked(() -> send(reply(beginning, 0), Fate.settling(written)));
        } catch (LostException e) {
            written.completeExceptionally(reason(e));
        }
        return written;
    }

    /// Has the first event, or a flush before it, tell that the attempt began: a run that ends soon
    /// then costs one batch of records. For an attempt that has nothing to read first.
    public void beginWithFirstEvent(RunEvent.AttemptStarted attempt) {
        locked(() -> beginning = attempt);
    }

    /// Has the numbers carry on where the attempts before this one came to; before any event.
    ///
    /// @param lastSeq the number of the last event that counts
    /// @param stepsSoFar how many steps the run has
    public void resumeAfter(long lastSeq, int stepsSoFar) {
        locked(() -> {
            seq = lastSeq;
            steps = stepsSoFar;
        });
    }

    /// Ends the writing: from now on nothing is written any more, and whoever tells an event is
    /// told that the journal is lost. For an attempt that is none any more.
    public void mute() {
        locked(() -> {
            lost.compareAndSet(null, new IllegalStateException("the attempt was given up"));
            waiting.clear();
            beginning = null;
        });
    }

    @Override
    public void tell(RunEvent event) {
        locked(() -> {
            if (event.piece()) {
                takeDelta(event);
            } else {
                sendWaiting();
                number(event, Fate.UNWATCHED);
            }
        });
    }

    @Override
    public void flush() {
        locked(() -> {
            sendBeginning();
            sendDeltas();
        });
    }

    @Override
    public void commit(RunEvent event) throws InterruptedException {
        write(event);
    }

    /// Writes the run's end, waits until it cannot be lost any more and returns what was written.
    /// Blocks.
    ///
    /// @throws LostException if it, or anything before it, could not be written
    public History.End end(RunEvent end) throws InterruptedException {
        return write(end);
    }

    private History.End write(RunEvent event) throws InterruptedException {
        CompletableFuture<Long> written = new CompletableFuture<>();
        AtomicReference<@Nullable Reply> reply = new AtomicReference<>();
        locked(() -> {
            sendWaiting();
            reply.set(number(event, Fate.settling(written)));
        });
        try {
            long offset = written.get();
            refuseIfLost();
            return new History.End(Objects.requireNonNull(reply.get()), offset);
        } catch (ExecutionException e) {
            throw new LostException(reason(e));
        }
    }

    private void takeDelta(RunEvent delta) {
        refuseIfLost();
        RunEvent last = waiting.peekLast();
        RunEvent joined = last == null ? null : Deltas.join(last, delta);
        if (joined == null) {
            waiting.add(delta);
        } else {
            waiting.removeLast();
            waiting.add(joined);
        }
    }

    /// Sends what waits, unless deltas are under way: then it follows when they have arrived.
    private void sendDeltas() {
        if (deltaUnderWay || waiting.isEmpty()) {
            return;
        }
        RunEvent last = waiting.removeLast();
        sendWaiting();
        deltaUnderWay = true;
        number(last, new Fate(_ -> deltaArrived(), _ -> {}));
    }

    /// On the producer's thread.
    private void deltaArrived() {
        try {
            locked(() -> {
                deltaUnderWay = false;
                sendDeltas();
            });
        } catch (LostException e) {
            // Whoever has to know was told when it was lost; the producer's thread need not.
        }
    }

    private void sendBeginning() {
        RunEvent unsaid = beginning;
        if (unsaid != null) {
            beginning = null;
            Reply reply = reply(unsaid, 0);
            send(reply, new Fate(_ -> listener.began(reply), _ -> {}));
        }
    }

    private void sendWaiting() {
        for (RunEvent event = waiting.poll(); event != null; event = waiting.poll()) {
            number(event, Fate.UNWATCHED);
        }
    }

    /// Sends an event under the next number.
    private Reply number(RunEvent event, Fate fate) {
        sendBeginning();
        Reply reply = reply(event, seq + 1);
        send(reply, event.step() ? noting(steps + 1, reply, fate) : fate);
        seq = reply.seq();
        steps += event.step() ? 1 : 0;
        listener.sent(reply);
        return reply;
    }

    private Reply reply(RunEvent event, long number) {
        return new Reply(run, attempt, claim, number, clock.instant(), event);
    }

    private void send(Reply reply, Fate fate) {
        // The one before it may have been refused on this very thread.
        refuseIfLost();
        long number = reply.seq();
        byte[] bytes = RunCodec.encode(reply);
        if (bytes.length > place.largest()) {
            throw new OversizedException(bytes.length, place.largest());
        }
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(place.topic(), place.partition(), run.value(), bytes);
        try {
            producer.send(
                    record,
                    (metadata, failure) -> {
                        if (failure == null) {
                            fate.written().accept(metadata.offset());
                        } else {
                            lose(number, failure);
                            fate.failed().accept(failure);
                        }
                    });
        } catch (KafkaException | IllegalStateException e) {
            lose(number, e);
            throw new LostException(e);
        }
    }

    /// Says where a step stands, if it counts: one behind a record that was lost does not.
    private Fate noting(int ordinal, Reply step, Fate fate) {
        return new Fate(
                offset -> {
                    if (step.seq() < gapAt.get()) {
                        listener.step(step, new StepOffset(ordinal, offset));
                    }
                    fate.written().accept(offset);
                },
                fate.failed());
    }

    private static Throwable reason(Exception e) {
        return e.getCause() == null ? e : e.getCause();
    }

    private void lose(long number, Exception failure) {
        gapAt.accumulateAndGet(number, Math::min);
        if (lost.compareAndSet(null, failure)) {
            lossUntold.set(true);
            tellLoss();
        }
    }

    private void locked(Runnable step) {
        lock.lock();
        try {
            step.run();
        } finally {
            lock.unlock();
            tellLoss();
        }
    }

    /// Tells of a loss as soon as the lock is free: whoever is told may hold locks of its own, with
    /// which it mutes the journal.
    private void tellLoss() {
        if (!lock.isHeldByCurrentThread() && lossUntold.compareAndSet(true, false)) {
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
