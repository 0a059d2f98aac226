package dev.sluice.common.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisIT {
    @TempDir Path data;

    private EmbeddedRedis server(int port) {
        return EmbeddedRedis.start(data, port, new RedisBinary.Bundled());
    }

    private static boolean reliable(Redis redis) throws Exception {
        return redis.reliable().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    @Test
    void aRedisThatMayEvictCannotBeReliedOn() throws Exception {
        try (var server = server(0);
                var redis = Redis.connect(RedisConfigs.of(server.url()), Clock.systemUTC())) {
            assertThat(reliable(redis)).isTrue();

            redis.commands().configSet("maxmemory-policy", "allkeys-lru").get(5, TimeUnit.SECONDS);

            assertThat(reliable(redis)).isFalse();
        }
    }

    @Test
    void theTimeIsThatOfRedisAndNotThatOfAWrongClock() throws Exception {
        Clock wrong = Clock.offset(Clock.systemUTC(), Duration.ofHours(-3));
        try (var server = server(0);
                var redis = Redis.connect(RedisConfigs.of(server.url()), wrong)) {
            assertThat(redis.now())
                    .isBetween(Instant.now().minusSeconds(2), Instant.now().plusSeconds(2));
        }
    }

    @Test
    void whileRedisIsAwayCommandsFailAtOnceAndAfterwardsTheySucceedAgain() throws Exception {
        var server = server(0);
        try (var redis = Redis.connect(RedisConfigs.of(server.url()), Clock.systemUTC())) {
            redis.commands().set("k", "v").get(5, TimeUnit.SECONDS);
            server.kill();
            server.close();
            // The connection's end is noticed on another thread.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .until(() ->
                            redis.commands()
                                    .ping()
                                    .toCompletableFuture()
                                    .isCompletedExceptionally());

            long began = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                assertThatThrownBy(() -> redis.commands().get("k").get(5, TimeUnit.SECONDS))
                        .hasMessageContaining("not connected");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isLessThan(Duration.ofSeconds(1));

            try (var _ = server(server.port())) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(10))
                        .ignoreExceptions()
                        .until(() -> reliable(redis));
            }
        } finally {
            server.close();
        }
    }

    @Test
    void aKeyStandsUnderThePrefix() {
        try (var server = server(0);
                var redis = Redis.connect(RedisConfigs.of(server.url()), Clock.systemUTC())) {
            assertThat(redis.key("run", "run_1")).isEqualTo("test:run:run_1");
        }
    }
}
