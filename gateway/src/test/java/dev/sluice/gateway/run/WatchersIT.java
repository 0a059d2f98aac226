package dev.sluice.gateway.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.config.RedisConfig;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.redis.RunWatchers;
import dev.sluice.common.run.RunId;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class WatchersIT {
    @TempDir Path data;

    private final Topics topics = new Topics("sluice");
    private final MockProducer<String, byte[]> producer =
            new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());

    private Watchers watchers(Redis redis) {
        RunStates states = new RunStates(redis, Duration.ofMinutes(10), Duration.ofMinutes(5));
        return new Watchers(
                new RunWatchers(redis, states),
                new RunPublisher(producer, topics, states, Clock.systemUTC(), 1 << 20),
                Duration.ofMillis(200));
    }

    private Redis abandoned() {
        try (EmbeddedRedis server = EmbeddedRedis.start(data, 0, new RedisBinary.Bundled())) {
            return Redis.connect(
                    RedisConfig.of(server.url(), "test", Duration.ofSeconds(2)), Clock.systemUTC());
        }
    }

    @Test
    void whoLeavesJustBeforeTheGatewayEndsIsNotForgotten() throws Exception {
        Vertx vertx = Vertx.vertx();
        // Without Redis the answer is there at once, on the verticle's own thread.
        try (Redis redis = abandoned()) {
            Awaitility.await().until(() -> redis.reliable().toCompletableFuture().isDone());
            Watchers watchers = watchers(redis);
            String gateway =
                    vertx.deployVerticle(new Leaving(watchers))
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(5, TimeUnit.SECONDS);
            vertx.undeploy(gateway)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(5, TimeUnit.SECONDS);

            watchers.settle(Duration.ofSeconds(2));

            assertThat(producer.history())
                    .extracting(ProducerRecord::topic)
                    .containsExactly(topics.replies(), topics.control());
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
        }
    }

    /// A verticle whose client leaves as soon as it is there.
    private static final class Leaving extends VerticleBase {
        private final Watchers watchers;

        Leaving(Watchers watchers) {
            this.watchers = watchers;
        }

        @Override
        public Future<?> start() {
            watchers.left(RunId.at(1), 0);
            return Future.succeededFuture();
        }
    }
}
