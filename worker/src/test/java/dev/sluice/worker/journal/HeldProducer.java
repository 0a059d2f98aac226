package dev.sluice.worker.journal;

import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/// A producer whose records arrive when a test says so, and which may refuse one at once. The
/// offsets count from 0.
final class HeldProducer extends MockProducer<String, byte[]> {
    private int refuseIn = -1;

    HeldProducer() {
        super(false, null, new StringSerializer(), new ByteArraySerializer());
    }

    /// What a producer was given.
    static List<Reply> replies(MockProducer<String, byte[]> producer) {
        return producer.history().stream().map(sent -> RunCodec.decodeReply(sent.value())).toList();
    }

    /// What a broker says of a record at this offset.
    static RecordMetadata at(long offset) {
        return new RecordMetadata(new TopicPartition("replies", 3), offset, 0, 0, 0, 0);
    }

    /// Refuses the record after so many, as a producer with a full buffer does: on the calling
    /// thread and without throwing.
    void refuseAfter(int records) {
        refuseIn = records;
    }

    /// Has all that was sent arrive.
    void completeAll() {
        while (completeNext()) {
            Thread.onSpinWait();
        }
    }

    @Override
    public synchronized Future<RecordMetadata> send(
            ProducerRecord<String, byte[]> sent, @Nullable Callback callback) {
        if (refuseIn-- == 0 && callback != null) {
            callback.onCompletion(null, new BufferExhaustedException("full"));
            return CompletableFuture.failedFuture(new BufferExhaustedException("full"));
        }
        return super.send(sent, callback);
    }
}
