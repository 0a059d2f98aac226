package dev.sluice.standalone.app;

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
    static SluiceConfig of(
            SluiceConfig config, String bootstrapServers, String redisUrl, OptionalInt port) {
        return new SluiceConfig(
                config.providers(),
                config.mcpServers(),
                config.agents(),
                config.keys(),
                config.run(),
                gateway(config.gateway(), port),
                worker(config.worker()),
                kafka(config.kafka(), bootstrapServers),
                redis(config.redis(), redisUrl),
                config.log());
    }

    private static GatewayConfig gateway(GatewayConfig from, OptionalInt port) {
        return new GatewayConfig(
                from.host(),
                port.orElse(from.port()),
                from.allowAnonymous(),
                from.maxBody(),
                from.maxWaiting(),
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
                from.drainTimeout(),
                from.host(),
                0,
                from.continuationTtl(),
                from.lease());
    }

    /// The embedded broker is alone, and wants no credentials.
    private static KafkaConfig kafka(KafkaConfig from, String bootstrapServers) {
        return new KafkaConfig(
                bootstrapServers,
                Map.of(),
                from.topicPrefix(),
                1,
                from.partitions(),
                from.replyRetention());
    }

    private static RedisConfig redis(RedisConfig from, String url) {
        return RedisConfig.of(url, from.keyPrefix(), from.timeout());
    }
}
