package dev.sluice.common.kafka;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;

/// Asks whether the Kafka cluster answers. Safe for any thread; nothing blocks.
public final class ClusterProbe implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 2_500;

    private final Admin admin;

    /// A probe with a connection of its own.
    public ClusterProbe(KafkaSettings settings) {
        this.admin = Admin.create(settings.admin());
    }

    /// Whether a broker answers within a few seconds.
    public CompletionStage<Boolean> answers() {
        return admin.describeCluster(new DescribeClusterOptions().timeoutMs(PATIENCE_MILLIS))
                .nodes()
                .toCompletionStage()
                .thenApply(nodes -> !nodes.isEmpty());
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
