package dev.sluice.common.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.StartException;
import dev.sluice.common.config.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class ProducersIT {
    @TempDir static Path data;
    private static Cluster cluster;

    @BeforeAll
    static void start() {
        cluster = Cluster.start(data);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void anOpenedProducerSendsWithoutBlockingAndTakesLargeRecords() throws Exception {
        Topics topics = new Topics("opened");
        TopicSetup.ensure(cluster.settings(), topics);
        try (var producer =
                Producers.open(cluster.settings(), List.of(topics.replies(), topics.control()))) {
            producer.send(
                            new ProducerRecord<>(
                                    topics.replies(), 4, "k", new byte[2 * Cluster.MAX_BODY]))
                    .get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aTopicStaysKnownWhenTheMetadataIsRefreshed() throws Exception {
        Topics topics = new Topics("refreshed");
        TopicSetup.ensure(cluster.settings(), topics);
        KafkaSettings refreshing =
                cluster.settings(Map.of("metadata.max.age.ms", new Secret("50")));
        try (var producer =
                Producers.open(refreshing, List.of(topics.replies(), topics.control()))) {
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(20))
                    .during(Duration.ofSeconds(1))
                    .untilAsserted(() -> {
                        producer.send(new ProducerRecord<>(topics.control(), "k", new byte[1]))
                                .get(5, TimeUnit.SECONDS);
                        producer.send(new ProducerRecord<>(topics.replies(), "k", new byte[1]))
                                .get(5, TimeUnit.SECONDS);
                    });
        }
    }

    @Test
    void aProducerForATopicThatNobodyCreatedIsRefusedByName() {
        assertThatThrownBy(() ->
                        Producers.open(
                                cluster.settings(),
                                List.of("no.such.topic"),
                                Duration.ofMillis(300)))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("no.such.topic");
    }

    @Test
    void aProducerForAClusterThatIsAwayIsRefused() throws Exception {
        KafkaSettings nowhere = Cluster.nowhere();

        assertThatThrownBy(() -> Producers.open(nowhere, List.of("t"), Duration.ofMillis(300)))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(nowhere.config().bootstrapServers());
    }

    @Test
    void aProducerThatDoesNotKnowTheTopicRefusesInsteadOfBlocking() {
        try (var producer = new KafkaProducer<String, byte[]>(cluster.settings().producer())) {
            long began = System.nanoTime();
            assertThatThrownBy(() ->
                            producer.send(new ProducerRecord<>("unknown", new byte[0]))
                                    .get(5, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(KafkaException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isLessThan(Duration.ofSeconds(1));
        }
    }
}
