package dev.sluice.bench.chaos.check;

import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// The reply log, read from its beginning to its end.
final class ReplyLog {
    private static final Duration POLL = Duration.ofMillis(500);

    private ReplyLog() {}

    /// All runs of the log, by their ids. Blocks.
    static Map<String, LoggedRun> read(SluiceConfig config) {
        String topic = new Topics(config.kafka().topicPrefix()).replies();
        Map<String, RunAuditor> auditors = new HashMap<>();
        try (var consumer =
                new KafkaConsumer<String, byte[]>(KafkaSettings.of(config).follower())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream()
                    .anyMatch(p -> consumer.position(p) < Objects.requireNonNull(ends.get(p)))) {
                for (ConsumerRecord<String, byte[]> entry : consumer.poll(POLL)) {
                    Reply reply = RunCodec.decodeReply(entry.value());
                    auditors.computeIfAbsent(reply.run().value(), _ -> new RunAuditor())
                            .take(reply);
                }
            }
        }
        Map<String, LoggedRun> runs = new HashMap<>();
        auditors.forEach((run, auditor) -> runs.put(run, auditor.finish()));
        return runs;
    }
}
