package dev.sluice.common.journal;

import dev.sluice.common.run.RunId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a topic's records again, for streams that fell behind and runs that are taken up: one
/// thread and one consumer for all of them, a bounded piece at a time. Safe for any thread; nothing
/// blocks, and what is returned completes on the reader's own thread, which must not be kept.
public final class LogReader implements Log, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int PIECE_BYTES = 256 * 1024;
    private static final int PIECE_SCAN = 50_000;

    private final Consumer<String, byte[]> consumer;
    private final String topic;
    private final BlockingQueue<Reading<?>> readings = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean closing;

    /// A reader with a consumer of its own, which starts at once.
    public LogReader(Consumer<String, byte[]> consumer, String topic) {
        this.consumer = consumer;
        this.topic = topic;
        this.thread = Thread.ofPlatform().name("sluice-log-reader").unstarted(this::run);
        thread.start();
    }

    /// A question, and whom to tell.
    private record Reading<T>(Supplier<T> question, CompletableFuture<T> answer) {
        void run() {
            try {
                answer.complete(question.get());
            } catch (InterruptException e) {
                answer.completeExceptionally(e);
                throw e;
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        }
    }

    @Override
    public CompletionStage<Chunk> read(int partition, long from, long to, RunId run) {
        return ask(() -> chunk(partition, from, to, run));
    }

    @Override
    public CompletionStage<List<ConsumerRecord<String, byte[]>>> at(
            int partition, List<Long> offsets) {
        return ask(
                () -> offsets.stream().flatMap(offset -> one(partition, offset).stream()).toList());
    }

    /// The offset behind a partition's last record.
    public CompletionStage<Long> end(int partition) {
        return ask(() -> end(new TopicPartition(topic, partition)));
    }

    private <T> CompletionStage<T> ask(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        readings.add(new Reading<>(question, answer));
        if (closing) {
            failWhatWaits();
        }
        return answer;
    }

    private void run() {
        try {
            while (!closing) {
                readings.take().run();
            }
        } catch (InterruptedException | InterruptException e) {
            LOG.atDebug().log("log reader closed");
        } finally {
            // An interrupt that is still pending would break off the farewell to the broker.
            Thread.interrupted();
            consumer.close();
            failWhatWaits();
        }
    }

    private void failWhatWaits() {
        for (Reading<?> reading = readings.poll(); reading != null; reading = readings.poll()) {
            reading.answer().completeExceptionally(new IllegalStateException("closed"));
        }
    }

    private Chunk chunk(int number, long from, long to, RunId run) {
        TopicPartition partition = seek(number, from);
        long last = Math.min(to, end(partition));
        List<ConsumerRecord<String, byte[]>> entries = new ArrayList<>();
        long position = from;
        int bytes = 0;
        int scanned = 0;
        long patience = System.nanoTime() + PATIENCE.toNanos();
        while (position < last && bytes < PIECE_BYTES && scanned < PIECE_SCAN && !closing) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                if (scanned == 0 && record.offset() > from) {
                    refuseForgotten(partition, from);
                }
                scanned++;
                if (run.value().equals(record.key()) && record.offset() < to) {
                    entries.add(record);
                    bytes += record.value() == null ? 0 : record.value().length;
                }
            }
            long reached = Math.min(to, consumer.position(partition));
            if (reached > position) {
                position = reached;
                patience = System.nanoTime() + PATIENCE.toNanos();
            } else if (System.nanoTime() > patience) {
                throw unread(partition, position);
            }
        }
        if (scanned == 0 && position > from) {
            refuseForgotten(partition, from);
        }
        return new Chunk(entries, position);
    }

    /// A consumer that is sought to where the log has nothing any more goes on at the log's start
    /// without a word.
    private void refuseForgotten(TopicPartition partition, long from) {
        @Nullable Long start = consumer.beginningOffsets(List.of(partition)).get(partition);
        if (start != null && from < start) {
            throw new ForgottenException(partition.partition(), from, start);
        }
    }

    private Optional<ConsumerRecord<String, byte[]>> one(int number, long offset) {
        TopicPartition partition = seek(number, offset);
        if (offset >= end(partition)) {
            return Optional.empty();
        }
        long patience = System.nanoTime() + PATIENCE.toNanos();
        while (!closing && System.nanoTime() < patience) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                return record.offset() == offset ? Optional.of(record) : Optional.empty();
            }
        }
        throw unread(partition, offset);
    }

    private static TimeoutException unread(TopicPartition partition, long offset) {
        return new TimeoutException("no record from " + partition + " at " + offset);
    }

    private TopicPartition seek(int number, long offset) {
        TopicPartition partition = new TopicPartition(topic, number);
        consumer.assign(List.of(partition));
        consumer.seek(partition, offset);
        return partition;
    }

    private long end(TopicPartition partition) {
        @Nullable Long end = consumer.endOffsets(List.of(partition)).get(partition);
        return end == null ? 0 : end;
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
