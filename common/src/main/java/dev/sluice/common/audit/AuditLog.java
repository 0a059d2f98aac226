package dev.sluice.common.audit;

import dev.sluice.common.kafka.Topics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The audit stream, to be written. Safe for any thread; nothing blocks.
public final class AuditLog {
    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final Duration BETWEEN_WARNINGS = Duration.ofSeconds(10);

    private final Producer<String, byte[]> producer;
    private final AuditCodec codec;
    private final int largest;
    private final boolean content;
    private final AtomicLong nextWarning = new AtomicLong(System.nanoTime());

    /// The stream behind a producer whose `send` does not block.
    ///
    /// @param largest the most bytes that a record's value may have
    /// @param content whether to write what people, models and tools said
    public AuditLog(
            Producer<String, byte[]> producer, Topics topics, int largest, boolean content) {
        this.producer = producer;
        this.codec = new AuditCodec(topics);
        this.largest = largest;
        this.content = content;
    }

    /// Whether what people, models and tools said is to be written.
    public boolean content() {
        return content;
    }

    /// Encodes an event and writes it; without what was said where it is too large with that.
    /// Completes, on the producer's thread or at once, when all replicas have it, or with why they
    /// have not. An event that can never be written is left out, which the log says.
    public CompletionStage<Void> write(AuditRecord event) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        write(event, content, written);
        return written;
    }

    /// @param whole whether it may have what was said, so that it can be tried without
    private void write(AuditRecord event, boolean whole, CompletableFuture<Void> written) {
        ProducerRecord<String, byte[]> record;
        try {
            record = codec.encode(event);
        } catch (RuntimeException e) {
            curtail(event, whole, written, e);
            return;
        }
        if (whole && record.value().length > largest) {
            write(event.withoutContent(), false, written);
            return;
        }
        try {
            producer.send(
                    record,
                    (_, failure) -> {
                        if (failure instanceof RecordTooLargeException) {
                            curtail(event, whole, written, failure);
                        } else {
                            settle(written, failure);
                        }
                    });
        } catch (KafkaException | IllegalStateException e) {
            settle(written, e);
        }
    }

    private void curtail(
            AuditRecord event, boolean whole, CompletableFuture<Void> written, Exception why) {
        (whole ? LOG.atWarn() : LOG.atError())
                .addKeyValue("event", event.id())
                .setCause(why)
                .log(
                        whole
                                ? "an audit event is written without what was said"
                                : "an audit event cannot be written and is left out");
        if (whole) {
            write(event.withoutContent(), false, written);
        } else {
            written.complete(null);
        }
    }

    private void settle(CompletableFuture<Void> written, @Nullable Exception failure) {
        if (failure == null) {
            written.complete(null);
        } else {
            warn(failure);
            written.completeExceptionally(failure);
        }
    }

    /// Every event says so where the stream is away.
    private void warn(Exception failure) {
        long now = System.nanoTime();
        long due = nextWarning.get();
        if (now - due >= 0 && nextWarning.compareAndSet(due, now + BETWEEN_WARNINGS.toNanos())) {
            LOG.atWarn().setCause(failure).log("the audit stream takes no events");
        }
    }
}
