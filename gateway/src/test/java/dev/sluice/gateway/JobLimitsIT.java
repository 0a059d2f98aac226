package dev.sluice.gateway;

import static dev.sluice.gateway.TopicReader.header;
import static dev.sluice.gateway.TopicReader.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Producers;
import dev.sluice.common.kafka.TopicSetup;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.Usage;
import dev.sluice.embedded.EmbeddedKafka;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// How many runs jobs become, and when they become none. The workers' part is played by the test.
@NullUnmarked
@Timeout(60)
class JobLimitsIT {
    private static final Topics TOPICS = new Topics("job-limits-it");
    private static final Duration MOMENT = Duration.ofMillis(600);
    private static final int MOST = 3;

    @TempDir static Path data;
    private static EmbeddedKafka kafka;
    private static EmbeddedRedis redis;
    private static SluiceConfig config;
    private static GatewayApp gateway;
    private static KafkaProducer<String, byte[]> producer;
    private static Redis connection;
    private static RunStates states;
    private PlayedWorker worker;
    private TopicReader results;
    private final String id = UUID.randomUUID().toString();

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start(data.resolve("kafka"), 0);
        redis = EmbeddedRedis.start(data.resolve("redis"), 0, new RedisBinary.Bundled());
        config =
                ConfigLoader.parse(
                        """
                        kafka: { bootstrap_servers: '%s', topic_prefix: %s, partitions: { replies: 2, jobs: 1 } }
                        redis: { url: '%s' }
                        gateway: { port: 0, drain_timeout: 1s }
                        providers: { p: { kind: openai, base_url: 'http://127.0.0.1:1/v1' } }
                        agents: { demo: { provider: p, model: m } }
                        jobs: { max_waiting: %d }
                        """
                                .formatted(
                                        kafka.bootstrapServers(),
                                        TOPICS.prefix(),
                                        redis.url(),
                                        MOST),
                        "sluice.yaml",
                        Map.of());
        KafkaSettings settings = KafkaSettings.of(config);
        TopicSetup.ensure(settings, TOPICS);
        producer = Producers.open(settings, List.of(TOPICS.jobs()));
        connection = Redis.connect(config.redis(), Clock.systemUTC());
        states = new RunStates(connection, Duration.ofMinutes(10), Duration.ofMinutes(10));
        gateway = GatewayApp.start(config);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        connection.close();
        producer.close();
        redis.close();
        kafka.close();
    }

    @BeforeEach
    void open() throws Exception {
        answer(connection.commands().mset(Map.of(states.epoch(), "e", states.rebuiltEpoch(), "e")));
        answer(connection.commands().del("sluice:waiting:batch"));
        KafkaSettings settings = KafkaSettings.of(config);
        worker = new PlayedWorker(settings, TOPICS);
        results = new TopicReader(settings, TOPICS.results());
    }

    @AfterEach
    void close() {
        worker.close();
        results.close();
    }

    private static <T> T answer(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static void submit(String id, String more, String... headers) {
        String job = "{\"id\":\"%s\",\"agent\":\"demo\",\"input\":\"hi\"%s}".formatted(id, more);
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(TOPICS.jobs(), id, job.getBytes(UTF_8));
        for (int i = 0; i < headers.length; i += 2) {
            record.headers().add(headers[i], headers[i + 1].getBytes(UTF_8));
        }
        producer.send(record);
        producer.flush();
    }

    private static void claim(RunRequest run) throws Exception {
        answer(connection.commands().zadd(states.leases(), 1e15, "w"));
        answer(states.claim(run, new RunEntry.Offer(Lane.BATCH, 0, 0), "c", "w", 3));
    }

    /// Plays a worker whose run fails at once. Returns where that stands.
    private long failed(RunRequest run) throws Exception {
        worker.write(run, 1, 0, new RunEvent.AttemptStarted("w"));
        return worker.write(run, 1, 1, new RunEvent.RunFailed(new Failure.Internal(), Usage.NONE));
    }

    private static void end(RunRequest run, long end) throws Exception {
        answer(states.end(run.run(), "c", "w", RunEntry.Status.FAILED, end));
    }

    @Test
    void jobsWaitOnTheirTopicWhileAsManyRunsWaitAsMay() throws Exception {
        int all = 5 * MOST;
        for (int i = 0; i < all; i++) {
            submit(id + i, "");
        }

        int left = all;
        while (left > 0) {
            List<RunRequest> taken = takeAll();
            // A last poll may bring as many again.
            assertThat(taken).hasSizeBetween(Math.min(left, MOST), 2 * MOST - 1);
            left -= taken.size();
            for (RunRequest run : taken) {
                claim(run);
            }
        }
    }

    private List<RunRequest> takeAll() {
        List<RunRequest> taken = new ArrayList<>();
        do {
            taken.add(worker.take());
        } while (!worker.idle());
        return taken;
    }

    @Test
    void aJobThatComesAfterItsDeadlineHasExpiredWithoutARun() {
        submit(id, ",\"deadline\":\"2020-01-01T00:00:00Z\"", "correlation_id", "c");

        var result = results.next(id);
        assertThat(header(result, "status")).isEqualTo("expired");
        assertThat(header(result, "correlation_id")).isEqualTo("c");
        assertThat(result.headers().lastHeader("run_id")).isNull();
        assertThat(json(result).at("/status").asString()).isEqualTo("expired");
        assertThat(json(result).at("/error/code").isMissingNode()).isFalse();
        assertThat(worker.idle()).isTrue();
    }

    @Test
    void theSameIdOfTwoSourcesIsTwoRuns() throws Exception {
        submit(id, "", "source", "/one");
        RunRequest one = worker.take();
        claim(one);
        submit(id, "", "source", "/two");
        RunRequest two = worker.take();
        claim(two);

        assertThat(two.run()).isNotEqualTo(one.run());
        worker.tellEnd(two, failed(two), 0);
        var result = results.next(id);
        assertThat(header(result, "source")).isEqualTo("/two");
        assertThat(json(result).at("/status").asString()).isEqualTo("failed");
        assertThat(json(result).at("/error/message").asString()).isNotEmpty();
    }

    @Test
    void whoeverRepeatsAJobThatIsUnderWayGetsItsResultToo() throws Exception {
        submit(id, "", "correlation_id", "first");
        RunRequest run = worker.take();
        claim(run);
        submit(id, "", "correlation_id", "second");
        submit(id, ",\"timeout\":\"1m\"", "correlation_id", "third");
        results.assertNone(id, MOMENT);

        long end = failed(run);
        worker.tellEnd(run, end, 0);

        assertThat(
                        List.of(
                                header(results.next(id), "correlation_id"),
                                header(results.next(id), "correlation_id"),
                                header(results.next(id), "correlation_id")))
                .containsExactlyInAnyOrder("first", "second", "third");
        // Results are out and Redis does not know of the end: whoever comes now waits for that.
        submit(id, "", "correlation_id", "late");
        results.assertNone(id, MOMENT);
        end(run, end);
        assertThat(header(results.next(id), "correlation_id")).isEqualTo("late");
        assertThat(worker.idle()).isTrue();
    }
}
