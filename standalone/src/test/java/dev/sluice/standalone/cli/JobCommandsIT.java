package dev.sluice.standalone.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Producers;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import dev.sluice.standalone.app.StandaloneApp;
import dev.sluice.standalone.app.Whereabouts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The commands about jobs and dead letters, beside an `up`.
@NullUnmarked
@Timeout(120)
class JobCommandsIT {
    @TempDir static Path folder;
    private static Path data;
    private static StandaloneApp app;

    private final Commands commands = new Commands(data);

    @BeforeAll
    static void start() throws Exception {
        data = Files.createDirectory(folder.resolve("data"));
        app = StandaloneApp.start(new StandaloneApp.Plan(data, null, OptionalInt.of(0), Map.of()));
    }

    @AfterAll
    static void stop() {
        app.close();
        assertThat(data.resolve("up.json")).doesNotExist();
    }

    private static Path jobs(String name, String... lines) throws Exception {
        return Files.write(folder.resolve(name), List.of(lines));
    }

    @Test
    void theExampleIsSubmittedWatchedAndSummedUp() {
        Commands.Outcome outcome =
                commands.run("jobs", "submit", "../examples/jobs/jobs.jsonl", "--watch");

        assertThat(outcome.out())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("submitted 3 jobs in "),
                        line -> assertThat(line).isEqualTo("results  3: 3 completed"),
                        line -> assertThat(line).matches("tokens   [1-9]\\d*: \\d+ in, \\d+ out"),
                        line -> assertThat(line).matches("time     p50 .* s, p95 .* s"));
        assertThat(outcome.status()).isZero();
    }

    @Test
    void aJobThatIsRefusedFailsTheCommandAndCanBeRedriven() throws Exception {
        Path file = jobs("refused.jsonl", "{\"id\":\"r-1\",\"agent\":\"nobody\",\"input\":\"x\"}");

        Commands.Outcome submitted =
                commands.run(
                        "jobs", "submit", "--watch", "--data", data.toString(), file.toString());
        assertThat(submitted.out()).contains("results  1: 1 refused");
        assertThat(submitted.status()).isEqualTo(1);

        String id = letterOf("r-1");
        assertThat(commands.run("dead-letters", "show", id).out())
                .contains("kind      job", "redriven  no", "key       r-1")
                .anyMatch(line -> line.startsWith("reason    The model `nobody`"));
        assertThat(commands.run("dead-letters", "redrive", id).out())
                .containsExactly("redriven " + id, "1 redriven, 0 before");
        assertThat(commands.run("dead-letters", "redrive", id).out())
                .containsExactly("0 redriven, 1 before");
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() ->
                        assertThat(commands.run("dead-letters", "list").out())
                                .filteredOn(line -> line.contains(" r-1 "))
                                .hasSize(2)
                                .filteredOn(line -> line.contains(" redriven "))
                                .singleElement()
                                .asString()
                                .startsWith(id + " "));
        assertThat(commands.run("dead-letters", "show", "nothing").err())
                .containsExactly("./sluice dead-letters show: there is no dead letter nothing");
    }

    private String letterOf(String key) {
        return commands.run("dead-letters", "list").out().stream()
                .filter(line -> line.contains(" " + key + " "))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRunThatWorkersDiedOfIsRedrivenAsAnotherRun() {
        Whereabouts up = Whereabouts.read(data);
        Topics topics = new Topics(up.topicPrefix());
        KafkaSettings settings =
                KafkaSettings.of(
                        ConfigLoader.parse(
                                "kafka: { bootstrap_servers: '%s' }"
                                        .formatted(up.bootstrapServers()),
                                "up.json",
                                Map.of()));
        RunId run = RunId.at(1);
        Instant longAgo = Instant.now().minus(Duration.ofHours(1));
        RunRequest poisoned =
                new RunRequest(
                        run,
                        "demo",
                        null,
                        List.of(Message.text(Message.Role.USER, "What is 6*7?")),
                        List.of(),
                        Map.of(),
                        Map.of(),
                        OnDisconnect.CONTINUE,
                        true,
                        Lane.BATCH,
                        3,
                        0,
                        7,
                        longAgo,
                        longAgo.plusSeconds(120),
                        new JobOrigin("poisoned", "", null, null, null, false));
        ConsumerRecord<String, byte[]> offer =
                new ConsumerRecord<>(
                        topics.runs(Lane.BATCH), 0, 99, run.value(), RunCodec.encode(poisoned));
        try (var producer = Producers.open(settings, List.of(topics.deadLetter()));
                var results = new KafkaConsumer<String, byte[]>(settings.follower())) {
            results.assign(
                    results.partitionsFor(topics.results()).stream()
                            .map(info -> new TopicPartition(info.topic(), info.partition()))
                            .toList());
            results.seekToEnd(results.assignment());
            results.assignment().forEach(results::position);
            producer.send(
                    DeadLetter.of(run.value(), DeadLetter.Kind.RUN, "crashed", offer)
                            .record(topics));
            producer.flush();

            assertThat(commands.run("dead-letters", "redrive", "--all").status()).isZero();

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> {
                        for (ConsumerRecord<String, byte[]> result :
                                results.poll(Duration.ofMillis(200))) {
                            if (result.key().equals("poisoned")) {
                                assertThat(new String(result.value(), UTF_8))
                                        .contains("\"status\":\"completed\"", "42")
                                        .doesNotContain(run.value());
                                return true;
                            }
                        }
                        return false;
                    });
        }
    }
}
