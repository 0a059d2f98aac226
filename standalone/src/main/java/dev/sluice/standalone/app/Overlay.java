package dev.sluice.standalone.app;

import dev.sluice.common.config.ByteSize;
import dev.sluice.common.config.GatewayConfig;
import dev.sluice.common.config.KafkaConfig;
import dev.sluice.common.config.RedisConfig;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.config.WorkerConfig;
import java.util.Map;
import java.util.OptionalInt;

/// A configuration for everything in one process: what it says of servers elsewhere gives way.
final class Overlay {
    private Overlay() {}

    /// `config` with the Kafka and Redis at these addresses, and the port of its gateway where one
    /// is given. The worker's monitor goes to a free port.
    ///
    /// @param space how many bytes are free where the embedded servers have their data
    static SluiceConfig of(
            SluiceConfig config,
            String bootstrapServers,
            String redisUrl,
            OptionalInt port,
            long space) {
        return new SluiceConfig(
                config.providers(),
                config.mcpServers(),
                config.agents(),
                config.keys(),
                config.run(),
                gateway(config.gateway(), port),
                worker(config.worker()),
                config.jobs(),
                kafka(config.kafka(), bootstrapServers, space),
                redis(config.redis(), redisUrl),
                config.audit(),
                config.log());
    }

    private static GatewayConfig gateway(GatewayConfig from, OptionalInt port) {
        return new GatewayConfig(
                from.host(),
                port.orElse(from.port()),
                from.allowAnonymous(),
                from.maxBody(),
                from.maxWaiting(),
                from.maxWait(),
                from.runTimeout(),
                from.eventLoops(),
                from.replyPartitions(),
                from.heartbeat(),
                from.streamBuffer(),
                from.stallTimeout(),
                from.drainTimeout(),
                from.limits());
    }

    private static WorkerConfig worker(WorkerConfig from) {
        return new WorkerConfig(
                from.concurrency(),
                from.batchShare(),
                from.drainTimeout(),
                from.host(),
                0,
                from.continuationTtl(),
                from.lease());
    }

    /// The embedded broker is alone, wants no credentials, and shares its disk with everything
    /// else.
    private static KafkaConfig kafka(KafkaConfig from, String bootstrapServers, long space) {
        long least = from.partitions().replies() * KafkaConfig.SMALLEST_PARTITION;
        long replySize = Math.max(least, Math.min(from.replySize().bytes(), space / 2));
        return new KafkaConfig(
                bootstrapServers,
                Map.of(),
                from.topicPrefix(),
                1,
                from.partitions(),
                from.replyRetention(),
                new ByteSize(replySize),
                from.auditRetention(),
                from.jobsRetention());
    }

    private static RedisConfig redis(RedisConfig from, String url) {
        return RedisConfig.of(url, from.keyPrefix(), from.timeout());
    }
}
