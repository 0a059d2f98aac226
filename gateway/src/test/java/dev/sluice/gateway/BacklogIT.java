package dev.sluice.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.TopicSetup;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.Usage;
import dev.sluice.embedded.EmbeddedKafka;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a gateway does while no worker begins its runs. The workers' part is played by the test.
@NullUnmarked
@Timeout(60)
class BacklogIT {
    private static final Topics TOPICS = new Topics("backlog");

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
                        kafka: { bootstrap_servers: '%s', topic_prefix: backlog, partitions: { replies: 2 } }
                        redis: { url: '%s' }
                        gateway: { port: 0, drain_timeout: 1s, max_wait: 700ms }
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
        // Idempotency keys are taken once a worker has said that all runs are known.
        redis("SET sluice:epoch:data e");
        redis("SET sluice:epoch:rebuilt e");
    }

    @AfterAll
    static void stop() {
        http.shutdownNow();
        gateway.close();
        worker.close();
        redis.close();
        kafka.close();
    }

    private static void redis(String command) {
        try (var socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), redis.port())) {
            socket.getOutputStream().write((command + "\r\n").getBytes(UTF_8));
            assertThat(socket.getInputStream().read()).isEqualTo('+');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void nobodyIsLeftBehind() {
        soon().until(() -> oldest() == 0);
    }

    private static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20));
    }

    private static HttpRequest.Builder post(String path, String more) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.port() + "/v1" + path))
                .header("Content-Type", "application/json")
                .POST(
                        HttpRequest.BodyPublishers.ofString(
                                "{\"model\":\"demo\",%s\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"
                                        .formatted(more)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    /// For how many seconds the oldest run has waited.
    private static double oldest() throws Exception {
        return send(HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.port() + "/metrics")))
                .body()
                .lines()
                .filter(line -> line.startsWith("sluice_gateway_oldest_wait_seconds "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    private static void begin(RunRequest run) {
        worker.write(run, 1, 0, new RunEvent.AttemptStarted("worker-1"));
    }

    private static void finish(RunRequest run) {
        worker.write(run, 1, 1, new RunEvent.RunCompleted(FinishReason.STOP, Usage.NONE));
    }

    private static void assertBusy(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("\"code\":\"workers_busy\"");
        assertThat(answer.headers().firstValueAsLong("retry-after").orElseThrow())
                .isBetween(1L, 60L);
        assertThat(answer.headers().firstValue("x-should-retry")).isEmpty();
    }

    @Test
    void newInteractiveRunsAreRefusedUntilTheOldestIsBegun() throws Exception {
        var waiting =
                http.sendAsync(post("/chat/completions", "").build(), BodyHandlers.ofString());
        RunRequest first = worker.take();
        assertThat(first.lane()).isEqualTo(Lane.INTERACTIVE);
        soon().until(() -> oldest() > 0.7);

        assertBusy(send(post("/chat/completions", "")));
        assertBusy(send(post("/chat/completions", "\"stream\":true,")));
        assertBusy(send(post("/runs", "")));
        assertBusy(send(post("/runs", "\"priority\":\"interactive\",")));

        begin(first);
        soon().until(() -> oldest() == 0);
        HttpResponse<String> accepted = send(post("/runs", ""));
        assertThat(accepted.statusCode()).isEqualTo(202);
        RunRequest second = worker.take();
        assertThat(accepted.body()).contains(second.run().value());
        begin(second);
        finish(first);
        assertThat(waiting.join().statusCode()).isEqualTo(200);
    }

    @Test
    void aRunThatNobodyFollowsWaitsAsWell() throws Exception {
        assertThat(send(post("/runs", "")).statusCode()).isEqualTo(202);
        RunRequest run = worker.take();
        soon().until(() -> oldest() > 0.7);
        assertBusy(send(post("/chat/completions", "")));

        begin(run);

        soon().until(() -> oldest() == 0);
    }

    @Test
    void batchRunsAreTakenAllTheSameAndKeepNobodyOut() throws Exception {
        assertThat(send(post("/runs", "")).statusCode()).isEqualTo(202);
        RunRequest interactive = worker.take();
        soon().until(() -> oldest() > 0.7);

        HttpResponse<String> accepted = send(post("/runs", "\"priority\":\"batch\","));

        assertThat(accepted.statusCode()).isEqualTo(202);
        assertThat(Json.MAPPER.readTree(accepted.body()).at("/priority").asString())
                .isEqualTo("batch");
        assertThat(worker.take().lane()).isEqualTo(Lane.BATCH);
        begin(interactive);
        soon().until(() -> oldest() == 0);
    }

    @Test
    void aRunThatIsCancelledOrWhoseClientLeavesWaitsNoLonger() throws Exception {
        HttpResponse<String> accepted = send(post("/runs", ""));
        RunRequest run = worker.take();
        assertThat(oldest()).isPositive();
        assertThat(accepted.statusCode()).isEqualTo(202);
        assertThat(send(post("/runs/" + run.run() + "/cancel", "")).statusCode()).isEqualTo(200);
        soon().until(() -> oldest() == 0);

        try (HttpClient leaving = HttpClient.newHttpClient()) {
            var waiting =
                    leaving.sendAsync(
                            post("/chat/completions", "").build(), BodyHandlers.ofString());
            worker.take();
            assertThat(oldest()).isPositive();
            waiting.cancel(true);
        }
    }

    @Test
    void aRequestThatJoinsARunIsLetInAndOneThatWouldStartAnotherIsNot() throws Exception {
        HttpResponse<String> accepted = send(post("/runs", "").header("Idempotency-Key", "one"));
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        RunRequest run = worker.take();
        soon().until(() -> oldest() > 0.7);

        assertBusy(send(post("/runs", "").header("Idempotency-Key", "two")));
        HttpResponse<String> again = send(post("/runs", "").header("Idempotency-Key", "one"));

        assertThat(again.statusCode()).isEqualTo(202);
        assertThat(again.body()).contains(run.run().value());
        begin(run);
        soon().until(() -> oldest() == 0);
        assertThat(send(post("/runs", "").header("Idempotency-Key", "two")).statusCode())
                .isEqualTo(202);
        // The first one was offered once more by the request that joined it.
        RunRequest offered = worker.take();
        RunRequest second = offered.run().equals(run.run()) ? worker.take() : offered;
        begin(second);
    }
}
