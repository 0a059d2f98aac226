package dev.sluice.standalone.app;

import dev.sluice.embedded.EmbeddedKafka;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import java.nio.file.Path;
import java.util.Map;

/// The embedded Kafka and Redis, with their data in one folder.
public final class Infra implements AutoCloseable {
    private final Parts parts;
    private final EmbeddedKafka kafka;
    private final EmbeddedRedis redis;

    private Infra(Parts parts, EmbeddedKafka kafka, EmbeddedRedis redis) {
        this.parts = parts;
        this.kafka = kafka;
        this.redis = redis;
    }

    /// Starts both and returns when they serve.
    ///
    /// @param data their folder; Kafka's data goes to `kafka` in it, Redis' to `redis`
    /// @param kafkaPort 0 for a free one
    /// @param redisPort 0 for a free one
    /// @param environment its `PATH` is searched for a redis-server
    /// @throws dev.sluice.embedded.EmbeddedStartException naming the port, folder or program at
    ///   fault
    /// @throws Exception if the caller is interrupted
    public static Infra start(
            Path data, int kafkaPort, int redisPort, Map<String, String> environment)
            throws Exception {
        var binary = RedisBinary.find(environment.get("PATH"));
        var parts = new Parts();
        var kafka =
                parts.start("kafka", () -> EmbeddedKafka.start(data.resolve("kafka"), kafkaPort));
        var redis =
                parts.start(
                        "redis",
                        () -> EmbeddedRedis.start(data.resolve("redis"), redisPort, binary));
        parts.await();
        return new Infra(parts, kafka.get(), redis.get());
    }

    /// The address for a Kafka client's `bootstrap.servers`.
    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /// The address for a Redis client.
    public String redisUrl() {
        return redis.url();
    }

    /// Stops both cleanly.
    @Override
    public void close() {
        parts.close();
    }
}
