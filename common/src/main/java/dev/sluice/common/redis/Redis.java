package dev.sluice.common.redis;

import dev.sluice.common.StartException;
import dev.sluice.common.config.RedisConfig;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// The connection to Redis that a process shares among all its threads. Commands are pipelined;
/// while Redis is away they fail at once instead of queueing up.
public final class Redis implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final RedisConfig config;
    private final ClientResources resources;
    private final RedisClient client;
    private final StatefulRedisConnection<String, String> connection;
    private final Clock clock;
    private volatile Duration ahead = Duration.ZERO;

    private Redis(
            RedisConfig config,
            ClientResources resources,
            RedisClient client,
            StatefulRedisConnection<String, String> connection,
            Clock clock) {
        this.config = config;
        this.resources = resources;
        this.client = client;
        this.connection = connection;
        this.clock = clock;
    }

    /// Connects. Blocks, for a while also where Redis does not answer yet.
    ///
    /// @throws StartException if it does not answer in the end
    public static Redis connect(RedisConfig config, Clock clock) {
        RedisOptions options = new RedisOptions(config);
        ClientOptions clientOptions = options.client();
        ClientResources resources =
                DefaultClientResources.builder()
                        .ioThreadPoolSize(2)
                        .computationThreadPoolSize(2)
                        .reconnectDelay(Delay.constant(PAUSE))
                        .build();
        RedisClient client = RedisClient.create(resources, options.uri());
        client.setOptions(clientOptions);
        try {
            Redis redis =
                    new Redis(config, resources, client, connectPatiently(client, config), clock);
            redis.learnTime();
            return redis;
        } catch (RuntimeException e) {
            client.shutdown(0, 0, TimeUnit.SECONDS);
            resources.shutdown(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
            throw e;
        }
    }

    private static StatefulRedisConnection<String, String> connectPatiently(
            RedisClient client, RedisConfig config) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return client.connect();
            } catch (RedisException e) {
                ConnectFailure failure = ConnectFailure.of(e);
                if (failure.lasting() || System.nanoTime() > end) {
                    throw new StartException(failure.explained(config), e);
                }
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartException("interrupted while connecting to Redis", e);
            }
        }
    }

    /// The commands. None of them blocks.
    public RedisAsyncCommands<String, String> commands() {
        return connection.async();
    }

    /// A key under the configured prefix.
    public String key(String kind, String id) {
        return config.keyPrefix() + ":" + kind + ":" + id;
    }

    /// The time by Redis' clock, as far as it was last asked. Does not block.
    public Instant now() {
        return clock.instant().plus(ahead);
    }

    /// Whether Redis can be relied on: it answers and does not evict keys. Also learns its time.
    public CompletionStage<Boolean> reliable() {
        return commands()
                .time()
                .thenAccept(time -> learn(time.get(0), time.get(1)))
                .thenCompose(_ -> commands().info("memory"))
                .thenApply(info -> info.contains("maxmemory_policy:noeviction"));
    }

    private void learnTime() {
        try {
            var time = connection.sync().time();
            learn(time.get(0), time.get(1));
        } catch (RedisCommandExecutionException e) {
            throw new StartException(ConnectFailure.of(e).explained(config), e);
        }
    }

    private void learn(String seconds, String micros) {
        Instant there =
                Instant.ofEpochSecond(Long.parseLong(seconds), Long.parseLong(micros) * 1_000);
        ahead = Duration.between(clock.instant(), there);
    }

    @Override
    public void close() {
        connection.close();
        client.shutdown(0, 2, TimeUnit.SECONDS);
        resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
