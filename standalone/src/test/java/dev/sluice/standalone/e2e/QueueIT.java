package dev.sluice.standalone.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.Version;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.standalone.cli.Console;
import dev.sluice.standalone.cli.SluiceCli;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.Runs;
import dev.sluice.standalone.e2e.fixture.Settings;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What operators see of the fleet: `/admin/queue`, metrics, and `./sluice top`.
@WithSluice
@Timeout(90)
class QueueIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Sluice sluice;

    QueueIT(Sluice sluice) {
        this.sluice = sluice;
    }

    /// A fleet of its own, apart from the one that the other tests share.
    private Settings settings() {
        return sluice.settings("queue")
                .with("worker", "{ port: 0, drain_timeout: 1s, concurrency: 4 }");
    }

    private static HttpResponse<String> queue(Gateway gateway, String key) {
        return gateway.send(
                gateway.request("/admin/queue").setHeader("Authorization", "Bearer " + key));
    }

    private static JsonNode queue(Gateway gateway) {
        HttpResponse<String> answer = queue(gateway, "sk-ops");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    @Test
    void onlyAKeyWithTheRightToItSeesTheQueue() {
        Gateway gateway = sluice.gateway();
        ErrorsIT.assertError(
                gateway.send(HttpRequest.newBuilder(gateway.at("/admin/queue"))),
                401,
                "invalid_request_error");
        ErrorsIT.assertError(queue(gateway, "sk-unknown"), 401, "invalid_request_error");
        ErrorsIT.assertError(queue(gateway, Sluice.KEY), 403, "invalid_request_error");
        assertThat(queue(gateway, Sluice.KEY).body()).contains("insufficient_permissions");
        assertThat(queue(gateway, "sk-ops").statusCode()).isEqualTo(200);
        HttpResponse<String> posted =
                gateway.send(
                        gateway.request("/admin/queue")
                                .setHeader("Authorization", "Bearer sk-ops")
                                .POST(HttpRequest.BodyPublishers.noBody()));
        ErrorsIT.assertError(posted, 405, "invalid_request_error");
    }

    @Test
    void whereNoKeysAreConfiguredAnybodySeesIt() {
        try (Gateway gateway = sluice.gateway(sluice.settings().with("keys", "[]"))) {
            assertThat(
                            gateway.send(HttpRequest.newBuilder(gateway.at("/admin/queue")))
                                    .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void whileRedisIsAwayNobodyIsToldWhatOnceWasSo() {
        EmbeddedRedis redis = sluice.redis("redis-queue", 0);
        try (Gateway gateway =
                sluice.gateway(settings().with("redis", "{ url: '%s' }".formatted(redis.url())))) {
            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(gateway.metric("sluice_fleet_workers")).isZero());

            redis.close();

            await().atMost(SOON)
                    .untilAsserted(() -> {
                        ErrorsIT.assertError(queue(gateway, "sk-ops"), 503, "server_error");
                        for (String series :
                                List.of(
                                        "sluice_queue_waiting",
                                        "sluice_queue_demand",
                                        "sluice_fleet_slots",
                                        "sluice_fleet_workers")) {
                            assertThat(gateway.metric(series)).as(series).isNaN();
                        }
                    });
        } finally {
            redis.close();
        }
    }

    @Test
    void whatWaitsAndWhatExecutesIsSeenInBothLanes() {
        sluice.script("fallback: { text: never, hang_after: 0 }");
        try (Gateway gateway = sluice.gateway(settings())) {
            Runs runs = Runs.of(gateway);
            for (int i = 0; i < 6; i++) {
                runs.start("plain", "hi");
                runs.start("plain", "hi", "\"priority\":\"batch\"");
            }
            JsonNode alone = queue(gateway);
            assertThat(alone.at("/lanes/interactive/waiting").asInt()).isEqualTo(6);
            assertThat(alone.at("/lanes/batch/waiting").asInt()).isEqualTo(6);
            assertThat(alone.at("/slots/total").asInt()).isZero();
            assertThat(alone.at("/workers")).isEmpty();
            await().atMost(SOON)
                    .until(() ->
                            queue(gateway).at("/lanes/interactive/oldest_wait_ms").asInt() > 300);

            await().atMost(SOON)
                    .untilAsserted(() -> {
                        assertThat(gateway.metric("sluice_queue_waiting{lane=\"batch\"}"))
                                .isEqualTo(6);
                        assertThat(gateway.metric("sluice_queue_demand")).isEqualTo(12);
                        assertThat(
                                        gateway.metric(
                                                "sluice_queue_oldest_wait_seconds{lane=\"batch\"}"))
                                .isBetween(0.3, 60.0);
                        assertThat(gateway.metric("sluice_fleet_workers")).isZero();
                    });

            try (Gateway worker = sluice.worker(settings())) {
                await().atMost(SOON)
                        .untilAsserted(() -> {
                            JsonNode busy = queue(gateway);
                            assertThat(busy.at("/slots/total").asInt()).isEqualTo(4);
                            assertThat(busy.at("/slots/free").asInt()).isZero();
                            assertThat(busy.at("/lanes/batch/slots").asInt()).isEqualTo(1);
                            assertThat(
                                            busy.at("/lanes/interactive/executing").asInt()
                                                    + busy.at("/lanes/batch/executing").asInt())
                                    .isEqualTo(4);
                            assertThat(busy.at("/workers/0/used").asInt()).isEqualTo(4);
                            assertThat(busy.at("/workers/0/last_beat_ms").asInt())
                                    .isBetween(0, 2500);
                            assertThat(busy.at("/workers/0/version").asString())
                                    .isEqualTo(Version.current());
                            assertThat(busy.at("/slowest")).hasSize(4);
                            assertThat(
                                            busy.at("/lanes/interactive/waiting").asInt()
                                                    + busy.at(
                                                                    "/lanes/interactive/waiting_on_workers")
                                                            .asInt()
                                                    + busy.at("/lanes/interactive/executing")
                                                            .asInt())
                                    .isEqualTo(6);
                        });
                await().atMost(SOON)
                        .untilAsserted(() -> {
                            assertThat(gateway.metric("sluice_fleet_workers")).isEqualTo(1);
                            assertThat(gateway.metric("sluice_fleet_slots_used")).isEqualTo(4);
                            assertThat(gateway.metric("sluice_fleet_slots{lane=\"batch\"}"))
                                    .isEqualTo(1);
                            assertThat(gateway.metric("sluice_queue_executing")).isEqualTo(4);
                        });
                assertThat(worker.metric("sluice_worker_slots_used")).isEqualTo(4);
                assertThat(top(gateway, "--key", "sk-ops", "--once"))
                        .anySatisfy(
                                line -> assertThat(line).contains("workers: 1  slots: 4 of 4 used"))
                        .anySatisfy(line -> assertThat(line).startsWith("interactive "))
                        .anySatisfy(line -> assertThat(line).contains("[############]"))
                        .anySatisfy(line -> assertThat(line).startsWith("run_"));
                assertThat(top(gateway, "--key", "sk-ops", "--once", "--json"))
                        .singleElement()
                        .satisfies(line ->
                                assertThat(
                                                JsonMapper.shared()
                                                        .readTree(line)
                                                        .at("/slots/used")
                                                        .asInt())
                                        .isEqualTo(4));
                runs.get("?limit=100")
                        .at("/data")
                        .valueStream()
                        .forEach(run -> runs.cancel(run.at("/id").asString()));
                await().atMost(SOON)
                        .untilAsserted(() -> {
                            assertThat(queue(gateway).at("/slots/used").asInt()).isZero();
                            assertThat(queue(gateway).at("/lanes/batch/waiting").asInt()).isZero();
                        });
            }
        }
    }

    @Test
    void topSaysInOneLineWhatIsInItsWay() {
        assertThat(top(sluice.gateway(), "--once"))
                .singleElement()
                .asString()
                .startsWith("./sluice top: ")
                .endsWith("needs a key: --key");
        assertThat(top(sluice.gateway(), "--key", Sluice.KEY))
                .containsExactly(
                        "./sluice top: the key lacks the right to this: it needs `admin: true`");
        assertThat(top(sluice.worker(), "--once"))
                .singleElement()
                .asString()
                .contains("is it a gateway?");
    }

    /// What `./sluice top` prints, complaints included.
    private static List<String> top(Gateway gateway, String... options) {
        var printed = new ByteArrayOutputStream();
        var out = new PrintStream(printed, true, UTF_8);
        String[] arguments = new String[options.length + 3];
        arguments[0] = "top";
        arguments[1] = "--url";
        arguments[2] = gateway.at("").toString();
        System.arraycopy(options, 0, arguments, 3, options.length);
        new SluiceCli(
                        new Console(out, out, Map.of(), java.nio.file.Path.of(".")),
                        _ -> {
                            throw new AssertionError("top is no role");
                        })
                .run(arguments);
        return printed.toString(UTF_8).lines().toList();
    }
}
