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
import dev.sluice.standalone.SluiceMain;
import dev.sluice.standalone.app.StandaloneApp;
import dev.sluice.standalone.app.Whereabouts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
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
    private static final Topics TOPICS = new Topics("sluice");
    private static StandaloneApp app;
    private static KafkaSettings settings;

    private final Commands commands = new Commands(data);

    @BeforeAll
    static void start() throws Exception {
        data = Files.createDirectory(folder.resolve("data"));
        app = StandaloneApp.start(new StandaloneApp.Plan(data, null, OptionalInt.of(0), Map.of()));
        settings =
                KafkaSettings.of(
                        ConfigLoader.parse(
                                "kafka: { bootstrap_servers: '%s' }"
                                        .formatted(Whereabouts.read(data).bootstrapServers()),
                                "up.json",
                                Map.of()));
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
                .containsExactly("redriven " + id, "1 redriven, 0 passed over");
        assertThat(commands.run("dead-letters", "redrive", id).out())
                .containsExactly("redriven before " + id, "0 redriven, 1 passed over");
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

    /// Lays a result aside that was to go to a topic.
    private static void lay(DeadLetter letter) {
        try (var producer = Producers.open(settings, List.of(TOPICS.deadLetter()))) {
            producer.send(letter.record(TOPICS));
        }
    }

    private static DeadLetter result(String id, String topic) {
        return new DeadLetter(
                id,
                DeadLetter.Kind.RESULT,
                "away\u001b[2J",
                new DeadLetter.Place(topic, null, null),
                "key-" + id,
                "\u001b]0;title\u0007\u009b31m".getBytes(UTF_8),
                List.of(new RecordHeader("evil", "\u001b[31mred".getBytes(UTF_8))));
    }

    @Test
    void oneThatCannotBeRedrivenHoldsUpNoOther() {
        lay(result("lost-1", "nowhere"));
        lay(result("kept-1", TOPICS.results()));
        lay(
                new DeadLetter(
                        "broken-1",
                        DeadLetter.Kind.RUN,
                        "crashed",
                        new DeadLetter.Place(TOPICS.runs(Lane.BATCH), 0, 1L),
                        "run_1",
                        new byte[] {1},
                        List.of()));
        lay(
                DeadLetter.empty(
                        "empty-1",
                        DeadLetter.Kind.RESULT,
                        "gone",
                        new DeadLetter.Place(TOPICS.results(), null, null),
                        "j"));

        Commands.Outcome all = commands.run("dead-letters", "redrive", "--all");

        assertThat(all.status()).isEqualTo(1);
        assertThat(all.out()).contains("redriven kept-1");
        assertThat(all.out().getLast()).matches("\\d+ redriven, \\d+ passed over, 2 failed");
        assertThat(all.err())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("lost-1: there is no topic nowhere"),
                        line -> assertThat(line).startsWith("broken-1: its record is no run: "));
        Commands.Outcome some =
                commands.run("dead-letters", "redrive", "empty-1", "kept-1", "nothing");
        assertThat(some.status()).isEqualTo(1);
        assertThat(some.out())
                .containsExactly("redriven before kept-1", "0 redriven, 1 passed over, 2 failed");
        assertThat(some.err())
                .containsExactly(
                        "empty-1: its record was too large to be kept, so none can be sent",
                        "nothing: there is no dead letter nothing");
        assertThat(commands.run("dead-letters", "list").out())
                .anyMatch(line -> line.startsWith("empty-1 ") && line.contains(" truncated "));

        lay(result("kept-1", TOPICS.results()));
        assertThat(commands.run("dead-letters", "redrive", "kept-1").out())
                .containsExactly("redriven kept-1", "1 redriven, 0 passed over");
        lay(DeadLetter.of("lost-1", DeadLetter.Kind.JOB, "x", job()));
        lay(DeadLetter.of("broken-1", DeadLetter.Kind.JOB, "x", job()));
        assertThat(commands.run("dead-letters", "redrive", "lost-1", "broken-1").status()).isZero();
    }

    /// A record that has nothing in it is published again as it is.
    private static ConsumerRecord<String, byte[]> job() {
        return new ConsumerRecord<>(TOPICS.jobs(), 0, 99, "hollow", null);
    }

    @Test
    void whatOthersChoseGivesATerminalNoCommands() {
        lay(result("loud-1", TOPICS.results()));

        assertThat(commands.run("dead-letters", "list").out())
                .anyMatch(line -> line.contains("away?[2J"));
        assertThat(commands.run("dead-letters", "show", "loud-1").out())
                .contains("reason    away?[2J", "header    evil: ?[31mred", "?]0;title??31m")
                .allMatch(line -> line.codePoints().noneMatch(Character::isISOControl));
    }

    @Test
    void anIdThatNoJobMayHaveIsRefusedBeforeAnythingIsSubmitted() throws Exception {
        Path file =
                jobs(
                        "ids.jsonl",
                        "{\"id\":null,\"agent\":\"demo\",\"input\":\"x\"}",
                        "{\"id\":\"\"}");

        Commands.Outcome outcome = commands.run("jobs", "submit", "--watch", file.toString());

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .containsExactly(
                        "./sluice jobs submit: %s:2: id: expected 1 to 255 characters, none of them"
                                        .formatted(file)
                                + " a control character.");
    }

    @Test
    void whoeverFindsNoKafkaIsToldWhereItWasSought() throws Exception {
        Path stale = Files.createDirectory(folder.resolve("stale"));
        Files.writeString(
                stale.resolve("up.json"),
                "{\"bootstrap_servers\":\"127.0.0.1:1\",\"topic_prefix\":\"sluice\",\"url\":\"\"}");

        assertThat(commands.run("dead-letters", "list", "--data", stale.toString()).err())
                .singleElement()
                .asString()
                .startsWith("./sluice dead-letters list: Kafka at 127.0.0.1:1: ");
    }

    @Test
    void whoWaitsNoLongerIsToldWhatHasCome() throws Exception {
        Topics unheard = new Topics("unheard");
        try (Admin admin = Admin.create(settings.admin())) {
            admin.createTopics(
                            Stream.of(unheard.jobs(), unheard.results(), unheard.deadLetter())
                                    .map(topic -> new NewTopic(topic, 1, (short) 1))
                                    .toList())
                    .all()
                    .get();
        }
        Path config =
                Files.writeString(
                        folder.resolve("unheard.yaml"),
                        "kafka: { bootstrap_servers: '%s', topic_prefix: unheard }"
                                .formatted(settings.config().bootstrapServers()));
        Path file = jobs("unheard.jsonl", "{\"agent\":\"demo\"}", "{\"agent\":\"demo\"}");
        Process watching =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                SluiceMain.class.getName(),
                                "jobs",
                                "submit",
                                "--watch",
                                "--config",
                                config.toString(),
                                file.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try (var out = watching.inputReader(UTF_8)) {
            assertThat(out.readLine()).startsWith("submitted 2 jobs in ");

            // The process itself would close its streams.
            watching.toHandle().destroy();

            assertThat(out.readLine()).isEqualTo("results  0 of 2");
            assertThat(out.readLine()).startsWith("tokens   0");
            assertThat(watching.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            watching.destroyForcibly();
        }
    }

    @Test
    void aRunThatWorkersDiedOfIsRedrivenAsAnotherRun() {
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
                        TOPICS.runs(Lane.BATCH), 0, 99, run.value(), RunCodec.encode(poisoned));
        try (var producer = Producers.open(settings, List.of(TOPICS.deadLetter()));
                var results = new KafkaConsumer<String, byte[]>(settings.follower())) {
            results.assign(
                    results.partitionsFor(TOPICS.results()).stream()
                            .map(info -> new TopicPartition(info.topic(), info.partition()))
                            .toList());
            results.seekToEnd(results.assignment());
            results.assignment().forEach(results::position);
            producer.send(
                    DeadLetter.of(run.value(), DeadLetter.Kind.RUN, "crashed", offer)
                            .record(TOPICS));
            producer.flush();

            assertThat(commands.run("dead-letters", "redrive", run.value()).status()).isZero();

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
