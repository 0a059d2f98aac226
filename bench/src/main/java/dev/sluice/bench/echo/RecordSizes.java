package dev.sluice.bench.echo;

import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Lane;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// How large the records of a run are.
///
/// @param request the value of the one that asks for it, in bytes
/// @param reply the value of the one that ends it, in bytes
public record RecordSizes(int request, int reply) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(200);

    /// Measures the records of the last run on each topic.
    ///
    /// @throws IllegalStateException if there is none
    public static RecordSizes measure(KafkaSettings settings, Topics topics) {
        return new RecordSizes(
                last(settings, topics.runs(Lane.INTERACTIVE)), last(settings, topics.replies()));
    }

    private static int last(KafkaSettings settings, String topic) {
        try (var consumer = new KafkaConsumer<String, byte[]>(settings.rereader())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(found -> new TopicPartition(topic, found.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long end = System.nanoTime() + PATIENCE.toNanos();
            int size = 0;
            while (System.nanoTime() < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    size = record.serializedValueSize();
                }
                if (size > 0 && atEnd(consumer, partitions)) {
                    return size;
                }
            }
        }
        throw new IllegalStateException("there is no run on topic " + topic);
    }

    private static boolean atEnd(
            KafkaConsumer<String, byte[]> consumer, List<TopicPartition> partitions) {
        return consumer.endOffsets(partitions).entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }
}
