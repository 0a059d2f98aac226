package dev.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.run.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import tools.jackson.databind.JsonNode;

/// Reads a topic from its end at the reader's opening on. Belongs to one thread.
final class TopicReader implements AutoCloseable {
    private final KafkaConsumer<String, byte[]> consumer;
    private final List<ConsumerRecord<String, byte[]>> pending = new ArrayList<>();

    TopicReader(KafkaSettings settings, String topic) {
        consumer = new KafkaConsumer<>(settings.follower());
        consumer.assign(
                consumer.partitionsFor(topic).stream()
                        .map(info -> new TopicPartition(topic, info.partition()))
                        .toList());
        consumer.seekToEnd(consumer.assignment());
        consumer.assignment().forEach(consumer::position);
    }

    /// The next record of that key, waited for.
    ConsumerRecord<String, byte[]> next(String key) {
        return next(record -> key.equals(record.key()));
    }

    private ConsumerRecord<String, byte[]> next(Predicate<ConsumerRecord<String, byte[]>> which) {
        long patience = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (System.nanoTime() < patience) {
            for (ConsumerRecord<String, byte[]> record : pending) {
                if (which.test(record)) {
                    pending.remove(record);
                    return record;
                }
            }
            consumer.poll(Duration.ofMillis(100)).forEach(pending::add);
        }
        throw new AssertionError("no such record among " + pending);
    }

    /// Whether no record of that key comes for a moment.
    void assertNone(String key, Duration moment) {
        long end = System.nanoTime() + moment.toNanos();
        while (System.nanoTime() < end) {
            consumer.poll(Duration.ofMillis(100)).forEach(pending::add);
        }
        assertThat(pending).noneMatch(record -> key.equals(record.key()));
    }

    static JsonNode json(ConsumerRecord<String, byte[]> record) {
        return Json.MAPPER.readTree(record.value());
    }

    static String header(ConsumerRecord<String, byte[]> record, String name) {
        return DeadLetter.text(record.headers(), name).orElse("");
    }

    @Override
    public void close() {
        consumer.close();
    }
}
