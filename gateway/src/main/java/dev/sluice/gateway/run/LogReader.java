package dev.sluice.gateway.run;

import dev.sluice.common.run.RunId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads runs' records back from the reply topic, for streams that fell behind: one thread and one
/// consumer for all of them, a bounded piece at a time.
public final class LogReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int PIECE_BYTES = 256 * 1024;
    private static final int PIECE_SCAN = 50_000;

    private final Consumer<String, byte[]> consumer;
    private final String topic;
    private final BlockingQueue<Reading> readings = new LinkedBlockingQueue<>();
    private final Thread thread =
            Thread.ofPlatform().name("sluice-log-reader").unstarted(this::run);
    private volatile boolean closing;

    /// A reader with a consumer of its own, which starts at once.
    public LogReader(Consumer<String, byte[]> consumer, String topic) {
        this.consumer = consumer;
        this.topic = topic;
        thread.start();
    }

    /// The run's records from the asked offset on, and the offset up to which was read: short of
    /// the log's end if there is more.
    record Chunk(List<ConsumerRecord<String, byte[]>> entries, long next) {}

    private record Reading(
            int partition, long from, RunId run, Context context, Promise<Chunk> promise) {}

    /// Reads a piece of a run. Does not block; completes on `context`.
    Future<Chunk> read(int partition, long from, RunId run, Context context) {
        Promise<Chunk> promise = Promise.promise();
        readings.add(new Reading(partition, from, run, context, promise));
        return promise.future();
    }

    private void run() {
        try {
            while (!closing) {
                Reading reading = readings.take();
                try {
                    Chunk chunk = read(reading);
                    reading.context().runOnContext(_ -> reading.promise().complete(chunk));
                } catch (InterruptException e) {
                    throw e;
                } catch (RuntimeException e) {
                    reading.context().runOnContext(_ -> reading.promise().fail(e));
                }
            }
        } catch (InterruptedException | InterruptException e) {
            LOG.atDebug().log("log reader closed");
        } finally {
            // An interrupt that is still pending would break off the farewell to the broker.
            Thread.interrupted();
            consumer.close();
        }
    }

    private Chunk read(Reading reading) {
        TopicPartition partition = new TopicPartition(topic, reading.partition());
        consumer.assign(List.of(partition));
        consumer.seek(partition, reading.from());
        Long end = consumer.endOffsets(List.of(partition)).get(partition);
        long last = end == null ? 0 : end;
        List<ConsumerRecord<String, byte[]>> entries = new ArrayList<>();
        long position = reading.from();
        int bytes = 0;
        int scanned = 0;
        while (position < last && bytes < PIECE_BYTES && scanned < PIECE_SCAN && !closing) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                scanned++;
                if (reading.run().value().equals(record.key())) {
                    entries.add(record);
                    bytes += record.value().length;
                }
            }
            position = consumer.position(partition);
        }
        return new Chunk(entries, position);
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
