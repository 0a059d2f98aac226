package dev.sluice.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// What the tests ask of a broker.
final class KafkaClients {

    private KafkaClients() {}

    static Admin admin(String bootstrap) {
        return Admin.create(
                Map.of(
                        "bootstrap.servers", bootstrap,
                        "request.timeout.ms", "5000",
                        "default.api.timeout.ms", "10000"));
    }

    static void createTopic(String bootstrap, String topic) throws Exception {
        try (Admin admin = admin(bootstrap)) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
                    .all()
                    .get(10, TimeUnit.SECONDS);
        }
    }

    static void send(String bootstrap, String topic, byte[] value) throws Exception {
        Map<String, Object> config =
                Map.of(
                        "bootstrap.servers", bootstrap,
                        "acks", "all",
                        "max.block.ms", "2000",
                        "max.request.size", "17825792",
                        "buffer.memory", "67108864");
        try (var producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, value)).get(10, TimeUnit.SECONDS);
        }
    }

    static List<String> readAll(String bootstrap, String topic) {
        return readAllBytes(bootstrap, topic).stream().map(b -> new String(b, UTF_8)).toList();
    }

    static List<byte[]> readAllBytes(String bootstrap, String topic) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrap);
        var partition = new TopicPartition(topic, 0);
        var values = new ArrayList<byte[]>();
        try (var consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToEnd(List.of(partition));
            long end = consumer.position(partition);
            consumer.seekToBeginning(List.of(partition));
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }
}
