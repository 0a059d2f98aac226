package dev.sluice.gateway;

import static dev.sluice.gateway.TopicReader.header;
import static dev.sluice.gateway.TopicReader.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Producers;
import dev.sluice.common.kafka.TopicSetup;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.Usage;
import dev.sluice.embedded.EmbeddedKafka;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of jobs at a gateway. The workers' part is played by the test.
@NullUnmarked
@Timeout(60)
class JobsIT {
    private static final Topics TOPICS = new Topics("jobs-it");
    private static final String WANTED = "shop.wanted";
    private static final Duration MOMENT = Duration.ofMillis(600);
    private static final String JOB = "{\"id\":\"%s\",\"agent\":\"demo\",\"input\":\"%s\"}";

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
    private TopicReader letters;
    private final String id = UUID.randomUUID().toString();

    @BeforeAll
    static void start() throws Exception {
        kafka = EmbeddedKafka.start(data.resolve("kafka"), 0);
        redis = EmbeddedRedis.start(data.resolve("redis"), 0, new RedisBinary.Bundled());
        config =
                ConfigLoader.parse(
                        """
                        kafka: { bootstrap_servers: '%s', topic_prefix: jobs-it, partitions: { replies: 2, jobs: 2 } }
                        redis: { url: '%s' }
                        gateway: { port: 0, drain_timeout: 1s }
                        providers: { p: { kind: openai, base_url: 'http://127.0.0.1:1/v1' } }
                        agents: { demo: { provider: p, model: m } }
                        keys: [{ id: shop, key: s }]
                        jobs:
                          sources: [{ source: /shop, key: shop }]
                          reply_topics: ['shop.*']
                          result_retry: 1s
                        """
                                .formatted(kafka.bootstrapServers(), redis.url()),
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
        KafkaSettings settings = KafkaSettings.of(config);
        allRunsAreKnown();
        worker = new PlayedWorker(settings, TOPICS);
        results = new TopicReader(settings, TOPICS.results());
        letters = new TopicReader(settings, TOPICS.deadLetter());
    }

    @AfterEach
    void close() {
        worker.close();
        results.close();
        letters.close();
    }

    private static <T> T answer(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /// Waits for the connection where Redis was away.
    private static void allRunsAreKnown() {
        Awaitility.await()
                .ignoreExceptions()
                .until(() ->
                        answer(
                                        connection
                                                .commands()
                                                .mset(
                                                        Map.of(
                                                                states.epoch(),
                                                                "e",
                                                                states.rebuiltEpoch(),
                                                                "e")))
                                .equals("OK"));
    }

    private static void send(String key, String value, String... headers) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(TOPICS.jobs(), key, value.getBytes(UTF_8));
        for (int i = 0; i < headers.length; i += 2) {
            record.headers().add(headers[i], headers[i + 1].getBytes(UTF_8));
        }
        producer.send(record);
        producer.flush();
    }

    private void submit(String... headers) {
        send(id, JOB.formatted(id, "Say hi"), source(headers));
    }

    private static String[] source(String... headers) {
        String[] all = new String[headers.length + 2];
        all[0] = "source";
        all[1] = "/shop";
        System.arraycopy(headers, 0, all, 2, headers.length);
        return all;
    }

    /// Plays a worker that executes a run to its end, and tells Redis.
    private void execute(RunRequest run) throws Exception {
        long end = answered(run);
        answer(states.end(run.run(), "c", "w", RunEntry.Status.COMPLETED, end));
    }

    /// The same, up to where its journal has its end. Returns where.
    private long answered(RunRequest run) throws Exception {
        claim(run);
        worker.write(run, 1, 0, new RunEvent.AttemptStarted("w"));
        worker.write(
                run,
                1,
                1,
                new RunEvent.TurnCompleted(
                        1,
                        Message.text(Message.Role.ASSISTANT, "hi"),
                        FinishReason.STOP,
                        new Usage(3, 2, 0, 0),
                        "m"));
        return worker.write(
                run, 1, 2, new RunEvent.RunCompleted(FinishReason.STOP, new Usage(3, 2, 0, 0)));
    }

    private static void claim(RunRequest run) throws Exception {
        answer(connection.commands().zadd(states.leases(), 1e15, "w"));
        answer(states.claim(run, new RunEntry.Offer(Lane.BATCH, 0, 0), "c", "w", 3));
    }

    @Test
    void aJobBecomesARunOfTheBatchLaneUnderTheKeyOfItsSource() throws Exception {
        submit("correlation_id", "c-1");

        RunRequest run = worker.take();

        assertThat(run.lane()).isEqualTo(Lane.BATCH);
        assertThat(run.agent()).isEqualTo("demo");
        assertThat(run.key()).isEqualTo("shop");
        assertThat(run.background()).isTrue();
        assertThat(run.messages()).containsExactly(Message.text(Message.Role.USER, "Say hi"));
        assertThat(run.job())
                .isEqualTo(
                        new JobOrigin(id, "/shop", null, null, "c-1", false, run.job().digest()));
        assertThat(run.job().digest()).hasSize(64);
        assertThat(answer(states.find(run.run())).orElseThrow().job()).isEqualTo(run.job());
        assertThat(Duration.between(Instant.now(), run.deadline()))
                .isBetween(Duration.ofMinutes(9), Duration.ofMinutes(11));
    }

    @Test
    void aJobThatIsUnderWayIsNotStartedAgain() throws Exception {
        submit();
        RunRequest run = worker.take();
        claim(run);

        submit();

        results.assertNone(id, MOMENT);
        assertThat(worker.idle()).isTrue();
    }

    @Test
    void aJobThatWaitsForAWorkerIsNotOfferedAgain() throws Exception {
        submit();
        RunRequest run = worker.take();
        awaitNoted(run);

        submit("correlation_id", "the second");

        awaitRepeated(run);
        assertThat(worker.idle()).isTrue();
    }

    private static void awaitNoted(RunRequest run) {
        Awaitility.await()
                .until(() -> answer(connection.commands().hexists(states.key(run.run()), "offer")));
    }

    /// Waits until the repetition is noted, which wants its result under another name.
    private static void awaitRepeated(RunRequest run) {
        Awaitility.await()
                .until(() ->
                        answer(connection.commands().hkeys(states.key(run.run()))).stream()
                                .anyMatch(place -> place.contains("the second")));
    }

    @Test
    void aJobWhoseOfferNobodyHasMetByItsDeadlineIsOfferedAgainForALaterAttempt() throws Exception {
        submit();
        RunRequest run = worker.take();
        awaitNoted(run);
        answer(connection.commands().hset(states.key(run.run()), "deadline", "1"));

        submit();

        RunRequest again = worker.take();
        assertThat(again.run()).isEqualTo(run.run());
        assertThat(again.attemptFloor()).isEqualTo(1);
    }

    @Test
    void aJobThatMayNotHaveBeenOfferedIsOfferedAgainAsTheSameRun() throws Exception {
        submit();
        RunRequest run = worker.take();
        // So it is left by a gateway that dies before its run is published.
        awaitNoted(run);
        answer(connection.commands().hdel(states.key(run.run()), "offer"));

        submit();

        RunRequest again = worker.take();
        assertThat(again.run()).isEqualTo(run.run());
        assertThat(again.deadline()).isCloseTo(run.deadline(), within(1, ChronoUnit.MILLIS));
    }

    @Test
    void aJobThatHasEndedIsSentItsResultAgainWithoutASecondRun() throws Exception {
        submit();
        RunRequest run = worker.take();
        execute(run);

        submit("correlation_id", "again");
        submit("correlation_id", "and again");

        ConsumerRecord<String, byte[]> result = results.next(id);
        assertThat(header(result, "job_id")).isEqualTo(id);
        assertThat(header(result, "run_id")).isEqualTo(run.run().value());
        assertThat(header(result, "status")).isEqualTo("completed");
        assertThat(header(result, "correlation_id")).isEqualTo("again");
        assertThat(json(result).at("/result/message/content").asString()).isEqualTo("hi");
        assertThat(json(result).at("/job/id").asString()).isEqualTo(id);
        assertThat(json(result).at("/usage/total_tokens").asInt()).isEqualTo(5);
        assertThat(results.next(id).value()).isEqualTo(result.value());
        assertThat(worker.idle()).isTrue();
    }

    @Test
    void theEndOfAJobsRunIsItsResultBeforeRedisKnowsOfIt() throws Exception {
        submit("correlation_id", "c-1");
        RunRequest run = worker.take();
        long end = answered(run);

        worker.tellEnd(run, end);

        ConsumerRecord<String, byte[]> result = results.next(id);
        assertThat(header(result, "status")).isEqualTo("completed");
        assertThat(header(result, "correlation_id")).isEqualTo("c-1");
        assertThat(json(result).at("/status").asString()).isEqualTo("completed");
        assertThat(json(result).at("/result/message/content").asString()).isEqualTo("hi");
        assertThat(json(result).at("/ended_at").asLong()).isPositive();
        assertThat(json(result).at("/usage/total_tokens").asInt()).isEqualTo(5);
    }

    @Test
    void theResultOfACloudEventIsOneWhoseIdIsAlwaysTheSame() throws Exception {
        send(
                id,
                "{\"agent\":\"demo\",\"input\":\"Say hi\"}",
                "ce_specversion",
                "1.0",
                "ce_id",
                id,
                "ce_source",
                "/shop",
                "ce_type",
                "com.example.question",
                "content-type",
                "application/json");
        RunRequest run = worker.take();
        long end = answered(run);
        worker.tellEnd(run, end);
        worker.tellEnd(run, end);

        ConsumerRecord<String, byte[]> result = results.next(id);
        assertThat(header(result, "ce_type")).isEqualTo("dev.sluice.job.completed");
        assertThat(header(result, "ce_subject")).isEqualTo(id);
        assertThat(header(result, "ce_source")).isEqualTo("/sluice/jobs-it/results");
        assertThat(json(result).at("/result/message/content").asString()).isEqualTo("hi");
        ConsumerRecord<String, byte[]> again = results.next(id);
        assertThat(header(again, "ce_id")).isEqualTo(header(result, "ce_id")).isNotEmpty();
    }

    @Test
    void aRunThatIsForgottenBeforeItsResultIsLaidAside() throws Exception {
        submit();
        RunRequest run = worker.take();
        answer(connection.commands().del(states.key(run.run())));

        worker.tellEnd(run, 7);

        DeadLetter letter = DeadLetter.read(letters.next(id));
        assertThat(letter.kind()).isEqualTo(DeadLetter.Kind.RESULT);
        assertThat(letter.id()).isEqualTo(run.run().value() + "-result");
        assertThat(letter.value()).isNull();
    }

    @Test
    void anotherJobUnderTheSameIdIsRefused() {
        submit();
        worker.take();

        send(id, JOB.formatted(id, "Say ho"), source());

        ConsumerRecord<String, byte[]> result = results.next(id);
        assertThat(header(result, "status")).isEqualTo("refused");
        assertThat(json(result).at("/error/code").asString()).isEqualTo("job_id_reused");
        assertThat(header(letters.next(id), "reason")).contains("asked for something else");
    }

    @Test
    void whatIsNoJobGetsAnErrorResultAndADeadLetterWithTheReason() {
        send(id, "{\"id\":", "x", "y");

        ConsumerRecord<String, byte[]> result = results.next(id);
        assertThat(header(result, "status")).isEqualTo("refused");
        assertThat(result.headers().lastHeader("run_id")).isNull();
        assertThat(json(result).at("/error/message").asString()).contains("not valid JSON");
        assertThat(json(result).at("/status").asString()).isEqualTo("refused");
        DeadLetter letter = DeadLetter.read(letters.next(id));
        assertThat(letter.kind()).isEqualTo(DeadLetter.Kind.JOB);
        assertThat(letter.reason()).contains("not valid JSON");
        assertThat(letter.from().topic()).isEqualTo(TOPICS.jobs());
        assertThat(letter.value()).asString().isEqualTo("{\"id\":");
        assertThat(letter.headers()).anyMatch(header -> header.key().equals("x"));
    }

    @Test
    void aSourceWithoutAKeyIsRefused() {
        send(id, JOB.formatted(id, "x"), "source", "/else");

        assertThat(json(results.next(id)).at("/error/code").asString())
                .isEqualTo("source_not_admitted");
        assertThat(worker.idle()).isTrue();
    }

    @Test
    void aResultThatCannotBeDeliveredIsTriedAndThenLaidAside() throws Exception {
        submit("reply_topic", "shop.answers", "reply_partition", "77");
        execute(worker.take());

        submit("reply_topic", "shop.answers", "reply_partition", "77");

        DeadLetter letter = DeadLetter.read(letters.next(id));
        assertThat(letter.kind()).isEqualTo(DeadLetter.Kind.RESULT);
        assertThat(letter.from()).isEqualTo(new DeadLetter.Place("shop.answers", 77, null));
        assertThat(letter.value()).asString().contains("\"hi\"");
        assertThat(letter.reason()).isNotBlank();
    }

    @Test
    void aJobGetsItsAnswerWhereItWantsIt() throws Exception {
        create(WANTED);
        submit("reply_topic", WANTED, "reply_partition", "1");
        execute(worker.take());
        try (TopicReader wanted = new TopicReader(KafkaSettings.of(config), WANTED)) {
            submit("reply_topic", WANTED, "reply_partition", "1");

            assertThat(wanted.next(id).partition()).isEqualTo(1);
        }
        results.assertNone(id, MOMENT);
    }

    @Test
    void aJobWaitsUntilItIsKnownWhichRunsThereAre() throws Exception {
        answer(connection.commands().del(states.rebuiltEpoch()));

        submit();

        results.assertNone(id, MOMENT);
        assertThat(worker.idle()).isTrue();
        allRunsAreKnown();
        assertThat(worker.take().job().id()).isEqualTo(id);
    }

    @Test
    void whileRedisIsAwayJobsWaitAndNoneIsLost() throws Exception {
        int port = redis.port();
        redis.close();

        submit();

        assertThat(worker.idle()).isTrue();
        redis = EmbeddedRedis.start(data.resolve("redis"), port, new RedisBinary.Bundled());
        allRunsAreKnown();
        assertThat(worker.take().job().id()).isEqualTo(id);
    }

    @Test
    void garbageHoldsUpNobody() {
        send(null, "garbage");
        send(null, "");
        submit();

        assertThat(worker.take().job().id()).isEqualTo(id);
    }

    private static void create(String topic) throws Exception {
        try (var admin = Admin.create(KafkaSettings.of(config).admin())) {
            admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1)))
                    .all()
                    .get(10, TimeUnit.SECONDS);
        }
    }
}
