package dev.sluice.common.kafka;

import dev.sluice.common.StartException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.errors.TimeoutException;

/// Opens producers whose `send` never blocks.
public final class Producers {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(10);

    private Producers() {}

    /// Opens a producer and waits until it knows the topics, because a producer that may not block
    /// refuses a topic that it does not know yet. Blocks.
    ///
    /// @throws StartException if the cluster does not answer
    public static KafkaProducer<String, byte[]> open(KafkaSettings settings, List<String> topics) {
        return open(settings, settings.producer(), topics, PATIENCE);
    }

    /// The same for the audit stream.
    public static KafkaProducer<String, byte[]> openAuditor(KafkaSettings settings, Topics topics) {
        return open(settings, settings.auditor(), List.of(topics.audit()), PATIENCE);
    }

    static KafkaProducer<String, byte[]> open(
            KafkaSettings settings, List<String> topics, Duration patience) {
        return open(settings, settings.producer(), topics, patience);
    }

    private static KafkaProducer<String, byte[]> open(
            KafkaSettings settings,
            Map<String, Object> properties,
            List<String> topics,
            Duration patience) {
        KafkaProducer<String, byte[]> producer = new KafkaProducer<>(properties);
        try {
            long end = System.nanoTime() + patience.toNanos();
            for (String topic : topics) {
                while (!knows(producer, topic)) {
                    if (System.nanoTime() > end) {
                        throw new StartException(
                                "Kafka at %s does not answer for topic %s"
                                        .formatted(settings.config().bootstrapServers(), topic));
                    }
                    Thread.sleep(PAUSE);
                }
            }
            return producer;
        } catch (InterruptedException e) {
            producer.close(Duration.ZERO);
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while connecting to Kafka", e);
        } catch (RuntimeException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    private static boolean knows(KafkaProducer<String, byte[]> producer, String topic) {
        try {
            return !producer.partitionsFor(topic).isEmpty();
        } catch (TimeoutException e) {
            return false;
        }
    }
}
