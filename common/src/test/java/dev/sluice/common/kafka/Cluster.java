package dev.sluice.common.kafka;

import dev.sluice.common.config.ByteSize;
import dev.sluice.common.config.KafkaConfig;
import dev.sluice.common.config.Secret;
import dev.sluice.embedded.EmbeddedKafka;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// A real broker, and settings that lead to it.
record Cluster(EmbeddedKafka broker) implements AutoCloseable {
    static final int MAX_BODY = 1 << 20;

    static Cluster start(Path data) {
        return new Cluster(EmbeddedKafka.start(data, 0));
    }

    KafkaSettings settings() {
        return settings(Map.of());
    }

    KafkaSettings settings(Map<String, Secret> properties) {
        return settings(broker.bootstrapServers(), properties);
    }

    /// Settings of a cluster that is not there, for clients that give up soon.
    static KafkaSettings nowhere() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return settings(
                    "127.0.0.1:" + socket.getLocalPort(),
                    Map.of(
                            "default.api.timeout.ms", new Secret("500"),
                            "request.timeout.ms", new Secret("400")));
        }
    }

    private static KafkaSettings settings(String servers, Map<String, Secret> properties) {
        return KafkaSettings.forBodies(
                new KafkaConfig(
                        servers,
                        properties,
                        "unused",
                        1,
                        new KafkaConfig.Partitions(3, 5, 2, 2),
                        Duration.ofHours(2),
                        new ByteSize(1L << 30),
                        Duration.ofDays(3),
                        Duration.ofDays(4)),
                MAX_BODY);
    }

    @Override
    public void close() {
        broker.close();
    }
}
