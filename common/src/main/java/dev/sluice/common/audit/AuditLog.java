package dev.sluice.common.audit;

import dev.sluice.common.kafka.Topics;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/// The audit stream, to be written. Safe for any thread; nothing blocks.
public final class AuditLog {
    private final Producer<String, byte[]> producer;
    private final AuditCodec codec;
    private final int largest;
    private final boolean content;

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

    /// An event that is ready to be written.
    public static final class Entry {
        private final ProducerRecord<String, byte[]> record;

        private Entry(ProducerRecord<String, byte[]> record) {
            this.record = record;
        }
    }

    /// Makes an event ready to be written; the work is done here, and none of it in the writing.
    /// One that is too large is written without what was said.
    public Entry prepare(AuditRecord event) {
        ProducerRecord<String, byte[]> whole = codec.encode(event);
        return new Entry(
                whole.value().length <= largest ? whole : codec.encode(event.withoutContent()));
    }

    /// Writes an event; completes, on the producer's thread or at once, when all replicas have it,
    /// or with why they have not. The same one may be written again.
    public CompletionStage<Void> write(Entry entry) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        try {
            producer.send(
                    entry.record,
                    (_, failure) -> {
                        if (failure == null) {
                            written.complete(null);
                        } else {
                            written.completeExceptionally(failure);
                        }
                    });
        } catch (KafkaException | IllegalStateException e) {
            written.completeExceptionally(e);
        }
        return written;
    }
}
