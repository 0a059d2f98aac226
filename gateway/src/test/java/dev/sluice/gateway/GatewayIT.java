package dev.sluice.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.TopicSetup;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.TextDelta;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.Usage;
import dev.sluice.embedded.EmbeddedKafka;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What a gateway shows of runs whose workers die, with the workers' part played by the test.
@NullUnmarked
@Timeout(60)
class GatewayIT {
    private static final Usage USAGE = new Usage(10, 5, 0, 0);
    private static final RunEvent END = new RunEvent.RunCompleted(FinishReason.STOP, USAGE);
    private static final Topics TOPICS = new Topics("played");

    @TempDir static Path data;
    private static EmbeddedKafka kafka;
    private static EmbeddedRedis redis;
    private static GatewayApp gateway;
    private static PlayedWorker worker;
    private static HttpClient http;

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start(data.resolve("kafka"), 0);
        redis = EmbeddedRedis.start(data.resolve("redis"), 0, new RedisBinary.Bundled());
        SluiceConfig config =
                ConfigLoader.parse(
                        """
                        kafka: { bootstrap_servers: '%s', topic_prefix: played, partitions: { replies: 2 } }
                        redis: { url: '%s' }
                        gateway: { port: 0, drain_timeout: 1s }
                        providers: { p: { kind: openai, base_url: 'http://127.0.0.1:1/v1' } }
                        agents: { demo: { provider: p, model: m } }
                        """
                                .formatted(kafka.bootstrapServers(), redis.url()),
                        "sluice.yaml",
                        Map.of());
        TopicSetup.ensure(KafkaSettings.of(config), TOPICS);
        worker = new PlayedWorker(KafkaSettings.of(config), TOPICS);
        gateway = GatewayApp.start(config);
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.shutdownNow();
        gateway.close();
        worker.close();
        redis.close();
        kafka.close();
    }

    private static HttpRequest.Builder at(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + gateway.port() + "/v1" + path));
    }

    private static HttpRequest chat(boolean stream) {
        return at("/chat/completions")
                .header("Content-Type", "application/json")
                .POST(
                        HttpRequest.BodyPublishers.ofString(
                                "{\"model\":\"demo\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"
                                        .formatted(stream)))
                .build();
    }

    private static String get(String path) throws Exception {
        return http.send(at(path).build(), BodyHandlers.ofString()).body();
    }

    private static List<JsonNode> events(RunRequest run) throws Exception {
        JsonNode list = Json.MAPPER.readTree(get("/runs/" + run.run() + "/events?limit=1000"));
        return list.at("/data").valueStream().toList();
    }

    private static List<String> types(RunRequest run) throws Exception {
        return events(run).stream().map(event -> event.at("/type").asString()).toList();
    }

    private static String until(BufferedReader lines, String last) throws IOException {
        StringBuilder read = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            read.append(line).append('\n');
            if (line.contains(last)) {
                break;
            }
        }
        return read.toString();
    }

    private static BufferedReader lines(HttpResponse<InputStream> response) {
        return new BufferedReader(new InputStreamReader(response.body(), UTF_8));
    }

    private static void begin(RunRequest run, int attempt) {
        worker.write(run, attempt, 0, new RunEvent.AttemptStarted("worker-" + attempt));
    }

    private static RunEvent.TurnCompleted turn(int turn, String text) {
        return new RunEvent.TurnCompleted(
                turn, Message.text(Message.Role.ASSISTANT, text), FinishReason.STOP, USAGE, "m");
    }

    /// A worker that dies while it speaks, and another one that says something else.
    private static void playReset(RunRequest run) {
        begin(run, 2);
        worker.write(run, 2, 3, new RunEvent.TurnReset(1));
        worker.write(run, 2, 4, new TextDelta(1, "truth"));
        worker.write(run, 2, 5, turn(1, "truth"));
        worker.write(run, 2, 6, END);
    }

    @Test
    void aStreamThatToldWhatIsVoidEndsAndNamesItsRunWhichGoesOn() throws Exception {
        var answer = http.sendAsync(chat(true), BodyHandlers.ofInputStream());
        RunRequest run = worker.take();
        begin(run, 1);
        worker.write(run, 1, 1, new TextDelta(1, "a "));
        worker.write(run, 1, 2, new TextDelta(1, "lie"));
        BufferedReader lines = lines(answer.join());
        assertThat(until(lines, "lie")).contains("\"a \"");
        long controls = worker.controls();
        playReset(run);

        String rest = lines.lines().collect(Collectors.joining("\n"));

        assertThat(rest)
                .contains("\"code\":\"turn_reset\"", run.run().value())
                .doesNotContain("truth", "[DONE]");
        JsonNode shown = Json.MAPPER.readTree(get("/runs/" + run.run()));
        assertThat(shown.at("/status").asString()).isEqualTo("completed");
        assertThat(shown.at("/result/message/content").asString()).isEqualTo("truth");
        assertThat(types(run))
                .containsExactly(
                        "attempt_started",
                        "text_delta",
                        "text_delta",
                        "attempt_started",
                        "turn_reset",
                        "text_delta",
                        "turn_completed",
                        "run_completed");
        assertThat(events(run).get(3).at("/attempt").asInt()).isEqualTo(2);
        // Longer than the grace after which a run that was left would be cancelled.
        await().during(java.time.Duration.ofMillis(800))
                .atMost(java.time.Duration.ofSeconds(3))
                .until(() -> worker.controls() == controls);
    }

    @Test
    void aStreamThatHasToldNothingYetAndAWholeAnswerNeverNotice() throws Exception {
        var whole = http.sendAsync(chat(false), BodyHandlers.ofString());
        RunRequest run = worker.take();
        begin(run, 1);
        worker.write(run, 1, 1, new TextDelta(1, "a "));
        worker.write(run, 1, 2, new TextDelta(1, "lie"));
        playReset(run);
        assertThat(content(whole)).isEqualTo("truth");

        var stream = http.sendAsync(chat(true), BodyHandlers.ofString());
        RunRequest streamed = worker.take();
        begin(streamed, 1);
        worker.write(streamed, 1, 1, new TextDelta(1, ""));
        worker.write(streamed, 1, 2, new TextDelta(1, ""));
        playReset(streamed);
        assertThat(stream.join().body()).contains("truth").endsWith("data: [DONE]\n\n");
    }

    private static String content(CompletableFuture<HttpResponse<String>> answer) {
        return Json.MAPPER
                .readTree(answer.join().body())
                .at("/choices/0/message/content")
                .asString();
    }

    @Test
    void anAttemptThatLostARecordIsNotBelievedAndTheNextOneCarriesOn() throws Exception {
        var answer = http.sendAsync(chat(true), BodyHandlers.ofString());
        RunRequest run = worker.take();
        begin(run, 1);
        worker.write(run, 1, 1, new TextDelta(1, "one "));
        worker.write(run, 1, 3, new TextDelta(1, "three "));
        worker.write(run, 1, 4, END);
        begin(run, 2);
        worker.write(run, 2, 2, new TextDelta(1, "two"));
        worker.write(run, 1, 5, new TextDelta(1, "from the grave"));
        worker.write(run, 2, 3, turn(1, "one two"));
        worker.write(run, 2, 4, END);

        assertThat(answer.join().body())
                .contains("\"one \"", "\"two\"")
                .doesNotContain("three", "grave")
                .endsWith("data: [DONE]\n\n");
    }

    @Test
    void aRunThatIsCancelledIsSaidSoInItsJournalAndAtTheBell() throws Exception {
        var started =
                http.sendAsync(
                        at("/runs")
                                .header("Content-Type", "application/json")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "{\"model\":\"demo\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"))
                                .build(),
                        BodyHandlers.ofString());
        RunRequest run = worker.take();
        assertThat(started.join().statusCode()).isEqualTo(202);
        begin(run, 1);
        long controls = worker.controls();

        HttpResponse<String> cancelled =
                http.send(
                        at("/runs/" + run.run() + "/cancel")
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.ofString());
        assertThat(cancelled.statusCode()).isEqualTo(200);
        assertThat(worker.controls()).isEqualTo(controls + 1);
        worker.write(run, 1, 1, new RunEvent.RunCancelled(Usage.NONE));

        assertThat(types(run)).containsExactly("attempt_started", "run_cancelled");
        assertThat(Json.MAPPER.readTree(get("/runs/" + run.run())).at("/status").asString())
                .isEqualTo("cancelled");
    }
}
