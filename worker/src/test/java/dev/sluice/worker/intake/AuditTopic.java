package dev.sluice.worker.intake;

import dev.sluice.common.audit.AuditCodec;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.run.RunId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// What is on the audit topic.
final class AuditTopic {
    private AuditTopic() {}

    /// Everything about a run, in the order in which it was written.
    static List<AuditRecord> of(Fleet.Room room, RunId run) {
        return all(room).stream().filter(event -> run.equals(event.subject().run())).toList();
    }

    /// The distinct ids of what is about a run, without the run.
    static List<String> ids(Fleet.Room room, RunId run) {
        return of(room, run).stream()
                .map(event -> event.id().substring(run.value().length() + 1))
                .distinct()
                .toList();
    }

    private static List<AuditRecord> all(Fleet.Room room) {
        try (var reader = new KafkaConsumer<String, byte[]>(room.settings.rereader())) {
            List<TopicPartition> partitions =
                    reader.partitionsFor(room.topics.audit()).stream()
                            .map(info -> new TopicPartition(info.topic(), info.partition()))
                            .toList();
            reader.assign(partitions);
            reader.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = reader.endOffsets(partitions);
            List<AuditRecord> events = new ArrayList<>();
            while (ends.entrySet().stream()
                    .anyMatch(end -> reader.position(end.getKey()) < end.getValue())) {
                reader.poll(Duration.ofMillis(100))
                        .forEach(record ->
                                events.add(AuditCodec.decode(record.value()).orElseThrow()));
            }
            return events;
        }
    }
}
