package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.RawClient;
import dev.sluice.standalone.e2e.fixture.Settings;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What those who run Sluice look at, and what becomes of it while Redis is away.
@WithSluice
class OperationsIT {

    private static final Duration SOON = Duration.ofSeconds(15);

    private final Sluice sluice;

    OperationsIT(Sluice sluice) {
        this.sluice = sluice;
    }

    @Test
    void bothSidesAreHealthyAndReadyWithoutAKey() {
        for (Gateway process : List.of(sluice.gateway(), sluice.worker())) {
            HttpResponse<String> health =
                    process.send(HttpRequest.newBuilder(process.at("/health")));
            assertThat(health.statusCode()).isEqualTo(200);
            HttpResponse<String> ready = process.send(HttpRequest.newBuilder(process.at("/ready")));
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(ready.body()).contains("\"kafka\":true", "\"redis\":true");
        }
    }

    @Test
    void bothSidesCountWhatHappens() {
        sluice.script(
                """
                rules:
                  - when: { tool_result: any }
                    reply: { text: done }
                fallback: { tool_calls: [ { name: demo__calculate, arguments: { expression: 1+1 } } ] }
                """);
        String requests =
                "sluice_http_requests_seconds_count{route=\"/v1/chat/completions\",status=\"200\"}";
        double before = sluice.gateway().metric(requests);
        double ended = sluice.worker().metric("sluice_runs_seconds_count");
        sluice.gateway().ask("clock", "hi");
        await().untilAsserted(() -> {
            assertThat(sluice.gateway().metric(requests)).isEqualTo(before + 1);
            assertThat(sluice.worker().metric("sluice_runs_seconds_count")).isEqualTo(ended + 1);
        });
        String gateway = sluice.gateway().send(sluice.gateway().request("/metrics")).body();
        assertThat(gateway)
                .contains(
                        "jvm_memory_used_bytes",
                        "sluice_gateway_waiting",
                        "sluice_run_tokens_total");
        String worker = sluice.worker().send(sluice.worker().request("/metrics")).body();
        assertThat(worker)
                .contains(
                        "jvm_memory_used_bytes",
                        "sluice_worker_slots_free",
                        "sluice_worker_batch_size",
                        "upstream",
                        "tool");
    }

    @Test
    void aSilentStreamIsKeptAlive() throws IOException {
        sluice.script("fallback: { text: never, hang_after: 0 }");
        try (Gateway gateway =
                        sluice.gateway(
                                sluice.settings()
                                        .with(
                                                "gateway",
                                                "{ port: 0, heartbeat: 100ms, drain_timeout: 1s }"));
                RawClient client = RawClient.of(gateway)) {
            client.ask(Gateway.body("plain", "hi", "\"stream\":true"));
            String stream = client.readUntil(text -> text.split(": keep-alive\n\n", -1).length > 3);
            assertThat(stream).startsWith("HTTP/1.1 200 ").doesNotContain("data:");
            client.hangUp();
            sluice.awaitAsked(request -> request.ended() != null);
        }
    }

    @Test
    void aStreamThatFallsSilentIsKeptAliveInTime() throws IOException {
        sluice.script("fallback: { text: one two three, hang_after: 1 }");
        try (Gateway gateway =
                        sluice.gateway(
                                sluice.settings()
                                        .with(
                                                "gateway",
                                                "{ port: 0, heartbeat: 3s, drain_timeout: 1s }"));
                RawClient client = RawClient.of(gateway)) {
            client.ask(Gateway.body("plain", "hi", "\"stream\":true"));
            client.readUntil(text -> text.contains("\"content\":\"one\""));
            long silentSince = System.nanoTime();
            client.readUntil(text -> text.contains(": keep-alive\n\n"));
            assertThat(Duration.ofNanos(System.nanoTime() - silentSince))
                    .isLessThan(Duration.ofSeconds(5));
            client.hangUp();
            sluice.awaitAsked(request -> request.ended() != null);
        }
    }

    @Test
    void aGatewayOutlivesItsRedis() {
        sluice.script("fallback: { text: ok }");
        EmbeddedRedis first = sluice.redis("redis-away", 0);
        // Runs need a claim in Redis; what is tried here is the way up to the publishing.
        Settings settings =
                sluice.settings()
                        .with("redis", "{ url: '" + first.url() + "', timeout: 500ms }")
                        .with(
                                "kafka",
                                "{ bootstrap_servers: '%s', topic_prefix: away }"
                                        .formatted(sluice.bootstrapServers()));
        EmbeddedRedis again = null;
        try (Gateway allows =
                        sluice.gateway(settings.with("gateway", "{ port: 0, drain_timeout: 1s }"));
                Gateway denies =
                        sluice.gateway(
                                settings.with(
                                        "gateway",
                                        "{ port: 0, drain_timeout: 1s, limits: { on_redis_failure: deny } }"));
                Gateway worker = sluice.worker(settings)) {
            assertThat(ask(allows).statusCode()).isEqualTo(200);
            assertThat(ask(denies).statusCode()).isEqualTo(200);
            first.kill();
            assertReady(allows, 503);
            assertReady(worker, 503);
            assertThat(allows.send(allows.request("/health")).statusCode()).isEqualTo(200);
            HttpResponse<String> denied = ask(denies);
            ErrorsIT.assertError(denied, 503, "server_error");
            assertThat(denied.headers().firstValue("retry-after")).isPresent();
            double unchecked = allows.metric("sluice_limits_unchecked_total");
            var passed =
                    allows.http()
                            .sendAsync(
                                    request(allows).build(), HttpResponse.BodyHandlers.ofString());
            await().atMost(SOON)
                    .untilAsserted(() ->
                            assertThat(allows.metric("sluice_limits_unchecked_total"))
                                    .isEqualTo(unchecked + 1));
            again = sluice.redis("redis-away", first.port());
            assertThat(passed.join().statusCode()).isEqualTo(200);
            assertReady(allows, 200);
            assertReady(denies, 200);
            assertReady(worker, 200);
            assertThat(ask(denies).statusCode()).isEqualTo(200);
        } finally {
            first.kill();
            if (again != null) {
                again.close();
            }
        }
    }

    private static HttpResponse<String> ask(Gateway gateway) {
        return gateway.send(request(gateway));
    }

    private static HttpRequest.Builder request(Gateway gateway) {
        return gateway.chat(Gateway.body("plain", "hi"))
                .setHeader("Authorization", "Bearer sk-away");
    }

    private static void assertReady(Gateway process, int status) {
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(process.send(process.request("/ready")).statusCode())
                                .isEqualTo(status));
    }
}
