package dev.sluice.common.journal;

import dev.sluice.common.run.RunId;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// A topic whose records can be read again, a bounded piece at a time. Safe for any thread; nothing
/// blocks.
public interface Log {
    /// The run's records of a piece, and the offset up to which was read: short of what was asked
    /// for if there is more.
    record Chunk(List<ConsumerRecord<String, byte[]>> entries, long next) {
        public Chunk {
            entries = List.copyOf(entries);
        }
    }

    /// Reads a piece of a run, from an offset up to another, which is not read any more, or to the
    /// log's present end if that comes first. Fails with [ForgottenException] where the log no
    /// longer has what stood at its beginning.
    CompletionStage<Chunk> read(int partition, long from, long to, RunId run);

    /// Reads a piece of a run, from an offset up to the log's present end.
    default CompletionStage<Chunk> read(int partition, long from, RunId run) {
        return read(partition, from, Long.MAX_VALUE, run);
    }

    /// Reads the records at these offsets, in their order; one that the log does not have, or no
    /// longer, is left out.
    CompletionStage<List<ConsumerRecord<String, byte[]>>> at(int partition, List<Long> offsets);
}
