package dev.sluice.standalone.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Topics;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.RoleProcess;
import dev.sluice.standalone.e2e.fixture.Settings;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Many jobs at once over three workers, one of which is killed: duplicates, garbage and jobs whose
/// runs fail among them. With `-Dsluice.jobs=10000` as many as are promised.
@WithSluice
@Timeout(600)
class JobsIT {
    private static final int JOBS = Integer.getInteger("sluice.jobs", 1_000);
    private static final int DUPLICATE_EVERY = 10;
    private static final int GARBAGE_EVERY = 50;
    private static final int FAILING_EVERY = 97;
    private static final Topics TOPICS = new Topics("many-jobs");

    private final Sluice sluice;
    private final Map<String, Set<String>> runs = new TreeMap<>();
    private final Map<String, Set<String>> statuses = new TreeMap<>();

    JobsIT(Sluice sluice) {
        this.sluice = sluice;
    }

    /// A fleet of its own, apart from the one that the other tests share.
    private Settings settings() {
        String redis = sluice.settings().sections().getOrDefault("redis", "");
        return sluice.settings()
                .with("redis", redis.replace("}", ", key_prefix: many-jobs }"))
                .with(
                        "kafka",
                        "{ bootstrap_servers: '%s', topic_prefix: %s }"
                                .formatted(sluice.bootstrapServers(), TOPICS.prefix()))
                .with("jobs", "{ sources: [{ source: '', key: main }] }")
                .with("gateway", "{ port: 0, drain_timeout: 5s, run_timeout: 30m }")
                .with("worker", "{ port: 0, drain_timeout: 5s, concurrency: 32, batch_share: 1 }");
    }

    @Test
    void everyJobIsRunOnceAndGetsItsResultWhateverDies() throws Exception {
        sluice.script("pace: { first_token: 20ms }\nfallback: { text: done }");
        RoleProcess.Starting starting =
                RoleProcess.start("worker", settings(), sluice.data().resolve("many-jobs"));
        try (Gateway first = sluice.worker(settings());
                Gateway second = sluice.worker(settings());
                Gateway gateway = sluice.gateway(settings());
                RoleProcess killed = starting.ready();
                KafkaConsumer<String, byte[]> results = follower()) {
            submit();
            await().pollInterval(Duration.ofMillis(20))
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> ended(killed.http()) >= JOBS / 20.0);
            starting.process().destroyForcibly();
            assertThat(ended(first) + ended(second)).as("in the middle").isLessThan(JOBS * 3 / 4.0);
            take(results, JOBS);

            assertThat(runs).hasSize(JOBS);
            assertThat(runs.values()).allSatisfy(those -> assertThat(those).hasSize(1));
            assertThat(runs.values().stream().flatMap(Set::stream).distinct().count())
                    .as("distinct runs")
                    .isEqualTo(JOBS);
            assertThat(statuses)
                    .allSatisfy(
                            (id, those) -> assertThat(those).as(id).containsExactly(expected(id)));
            int garbage = 1 + (JOBS - 1) / GARBAGE_EVERY;
            await().untilAsserted(() -> {
                assertThat(gateway.metric("sluice_jobs_total{outcome=\"refused\"}"))
                        .isEqualTo(garbage);
                assertThat(gateway.metric("sluice_job_results_total{outcome=\"dead_lettered\"}"))
                        .isZero();
            });
            assertThat(offeredAgain(first) + offeredAgain(second)).isPositive();
            assertThat(ended(first)).isPositive();
            assertThat(ended(second)).isPositive();
        } finally {
            starting.process().destroyForcibly();
        }
    }

    private static double ended(Gateway worker) {
        return worker.metric("sluice_runs_seconds_count");
    }

    private static double offeredAgain(Gateway worker) {
        return worker.metric("sluice_worker_runs_offered_again_total");
    }

    private static String id(int number) {
        return "job-%05d".formatted(number);
    }

    private static String expected(String id) {
        int number = Integer.parseInt(id.substring(id.length() - 5));
        return number % FAILING_EVERY == 0 ? "failed" : "completed";
    }

    private KafkaConsumer<String, byte[]> follower() {
        KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(KafkaSettings.of(settings().config()).follower());
        List<TopicPartition> partitions =
                consumer.partitionsFor(TOPICS.results()).stream()
                        .map(info -> new TopicPartition(info.topic(), info.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    private void submit() {
        Map<String, Object> properties = KafkaSettings.of(settings().config()).producer();
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(properties)) {
            IntStream.range(0, JOBS)
                    .forEach(i -> {
                        String agent = i % FAILING_EVERY == 0 ? "absent" : "plain";
                        String job =
                                "{\"id\":\"%s\",\"agent\":\"%s\",\"input\":\"question %d\"}"
                                        .formatted(id(i), agent, i);
                        send(producer, id(i), job);
                        if (i % DUPLICATE_EVERY == 0) {
                            send(producer, id(i), job.replace(",", ", "));
                        }
                        if (i % GARBAGE_EVERY == 0) {
                            send(producer, "garbage-" + i, "{\"id\": garbage");
                        }
                    });
        }
    }

    private static void send(KafkaProducer<String, byte[]> producer, String key, String value) {
        producer.send(new ProducerRecord<>(TOPICS.jobs(), key, value.getBytes(UTF_8)));
    }

    /// Takes results until there are some for so many jobs.
    private void take(KafkaConsumer<String, byte[]> results, int jobs) {
        long patience = System.nanoTime() + Duration.ofMinutes(8).toNanos();
        while (runs.size() < jobs && System.nanoTime() < patience) {
            results.poll(Duration.ofMillis(200)).forEach(this::take);
        }
    }

    private void take(ConsumerRecord<String, byte[]> result) {
        if (result.key().startsWith("garbage-")) {
            assertThat(DeadLetter.text(result.headers(), "status")).hasValue("refused");
            return;
        }
        runs.computeIfAbsent(result.key(), _ -> new HashSet<>())
                .add(DeadLetter.text(result.headers(), "run_id").orElseThrow());
        statuses.computeIfAbsent(result.key(), _ -> new HashSet<>())
                .add(DeadLetter.text(result.headers(), "status").orElseThrow());
    }
}
