package dev.sluice.standalone.app;

import dev.sluice.embedded.EmbeddedKafka;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import java.nio.file.Path;
import java.util.Map;

/// The embedded Kafka and Redis, with their data in one folder. Where the environment names a Redis
/// (`SLUICE_REDIS_URL`), that one is used instead.
public final class Infra implements AutoCloseable {
    private static final String REDIS_URL = "SLUICE_REDIS_URL";

    private final Parts parts;
    private final EmbeddedKafka kafka;
    private final String redisUrl;

    private Infra(Parts parts, EmbeddedKafka kafka, String redisUrl) {
        this.parts = parts;
        this.kafka = kafka;
        this.redisUrl = redisUrl;
    }

    /// Starts both and returns when they serve.
    ///
    /// @param data their folder; Kafka's data goes to `kafka` in it, Redis' to `redis`
    /// @param kafkaPort 0 for a free one
    /// @param redisPort 0 for a free one
    /// @param environment its `PATH` is searched for a redis-server, and `SLUICE_REDIS_URL` names
    ///   one that runs already
    /// @throws dev.sluice.embedded.EmbeddedStartException naming the port, folder or program at
    ///   fault
    /// @throws Exception if the caller is interrupted
    public static Infra start(
            Path data, int kafkaPort, int redisPort, Map<String, String> environment)
            throws Exception {
        var parts = new Parts();
        var kafka =
                parts.start("kafka", () -> EmbeddedKafka.start(data.resolve("kafka"), kafkaPort));
        String configured = environment.get(REDIS_URL);
        if (configured != null && !configured.isBlank()) {
            parts.await();
            return new Infra(parts, kafka.get(), configured);
        }
        var binary = RedisBinary.find(environment.get("PATH"));
        var redis =
                parts.start(
                        "redis",
                        () -> EmbeddedRedis.start(data.resolve("redis"), redisPort, binary));
        parts.await();
        return new Infra(parts, kafka.get(), redis.get().url());
    }

    /// The address for a Kafka client's `bootstrap.servers`.
    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /// The address for a Redis client.
    public String redisUrl() {
        return redisUrl;
    }

    /// Stops both cleanly.
    @Override
    public void close() {
        parts.close();
    }
}
