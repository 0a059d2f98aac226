package dev.sluice.bench.echo;

import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Producers;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Lane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/// The process on the far side. Its arguments are a configuration, whose Kafka it uses, and the
/// size of its replies in bytes; it prints `ready echo` and echoes until it is killed.
public final class EchoMain {
    /// Beside Sluice's own, on the same broker.
    static final Topics TOPICS = new Topics("echo");

    /// Of the reply topic: the only one in use.
    static final int PARTITION = 0;

    private static final Duration POLL = Duration.ofSeconds(1);
    private static final int MOST_RECORDS = 256;

    private EchoMain() {}

    /// Answers every record with one under the same key.
    public static void main(String[] args) {
        var settings = KafkaSettings.of(ConfigLoader.load(Path.of(args[0]), Map.of()));
        byte[] reply = new byte[Integer.parseInt(args[1])];
        try (var producer = Producers.open(settings, List.of(TOPICS.replies()));
                var consumer =
                        new KafkaShareConsumer<String, byte[]>(
                                settings.sharer(TOPICS, Lane.INTERACTIVE, MOST_RECORDS))) {
            consumer.subscribe(List.of(TOPICS.runs(Lane.INTERACTIVE)));
            System.out.println("ready echo");
            while (true) {
                echo(consumer, producer, reply);
            }
        }
    }

    /// As a worker takes offers: each is acknowledged, and the acknowledgements travel with the
    /// next fetch.
    private static void echo(
            KafkaShareConsumer<String, byte[]> consumer,
            KafkaProducer<String, byte[]> producer,
            byte[] reply) {
        ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
        for (ConsumerRecord<String, byte[]> record : records) {
            producer.send(new ProducerRecord<>(TOPICS.replies(), PARTITION, record.key(), reply));
            consumer.acknowledge(record, AcknowledgeType.ACCEPT);
        }
        if (!records.isEmpty()) {
            consumer.commitAsync();
        }
    }
}
