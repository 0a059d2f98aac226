package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.model.Received;
import dev.sluice.gateway.GatewayApp;
import dev.sluice.standalone.e2e.fixture.EventStream;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.Runs;
import dev.sluice.standalone.e2e.fixture.Settings;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Runs that nobody needs to wait for.
@WithSluice
class RunsIT {

    private static final String TOOL_LOOP =
            """
            rules:
              - when: { tool_result: any }
                reply: { text: 'It is {{tool_result}}' }
            fallback: { text: Let me see., tool_calls: [ { name: demo__calculate, arguments: { expression: 6*7 } } ] }
            """;
    private static final String STORY =
            """
            pace: { tokens_per_second: 20 }
            fallback: { text: once upon a time, repeat: 1000 }
            """;

    private final Sluice sluice;
    private final Runs runs;

    RunsIT(Sluice sluice) {
        this.sluice = sluice;
        this.runs = Runs.of(sluice.gateway());
    }

    private static String id(JsonNode run) {
        return run.at("/id").asString();
    }

    private static List<String> types(List<EventStream.Event> events) {
        return events.stream().map(event -> String.valueOf(event.type())).toList();
    }

    private void assertOneEnd(String run, String type) {
        assertThat(types(runs.events(run)))
                .filteredOn(one -> one.matches("run_.*"))
                .containsExactly(type);
    }

    @Test
    void aRunIsAcceptedAtOnceAndFetchedWhenItHasEnded() {
        sluice.script(TOOL_LOOP);
        JsonNode accepted = runs.start("clock", "6*7?", "\"metadata\":{\"ticket\":\"42\"}");
        assertThat(accepted.at("/object").asString()).isEqualTo("run");
        assertThat(accepted.at("/status").asString()).isEqualTo("queued");
        assertThat(accepted.at("/on_disconnect").asString()).isEqualTo("continue");
        assertThat(accepted.at("/priority").asString()).isEqualTo("interactive");

        JsonNode run = runs.await(id(accepted), "completed");

        assertThat(run.at("/agent").asString()).isEqualTo("clock");
        assertThat(run.at("/attempt").asInt()).isEqualTo(1);
        assertThat(run.at("/worker").asString()).isNotBlank();
        assertThat(run.at("/metadata/ticket").asString()).isEqualTo("42");
        assertThat(run.at("/deadline").asLong()).isGreaterThan(run.at("/created_at").asLong());
        assertThat(run.at("/result/message/content").asString())
                .isEqualTo("Let me see.\n\nIt is 42");
        assertThat(run.at("/result/finish_reason").asString()).isEqualTo("stop");
        assertThat(run.at("/steps").valueStream().map(step -> step.at("/type").asString()))
                .containsExactly("turn", "tool", "turn");
        assertThat(run.at("/steps/1/tool").asString()).isEqualTo("demo__calculate");
        assertThat(run.at("/usage/total_tokens").asLong())
                .isEqualTo(
                        run.at("/steps/0/usage/total_tokens").asLong()
                                + run.at("/steps/2/usage/total_tokens").asLong());
        await().untilAsserted(() ->
                assertThat(runs.one(id(run)).at("/ended_at").asLong())
                        .isGreaterThanOrEqualTo(run.at("/created_at").asLong()));
        assertThat(sluice.asked(2).getFirst().body().has("metadata")).isFalse();
    }

    @Test
    void aBatchRunSaysSoAndEndsLikeAnyOther() {
        sluice.script("fallback: { text: hi }");
        double before = sluice.worker().metric("sluice_worker_wait_seconds_count{lane=\"batch\"}");
        JsonNode accepted = runs.start("plain", "hello", "\"priority\":\"batch\"");
        assertThat(accepted.at("/priority").asString()).isEqualTo("batch");

        JsonNode run = runs.await(id(accepted), "completed");

        assertThat(run.at("/priority").asString()).isEqualTo("batch");
        assertThat(run.at("/result/message/content").asString()).isEqualTo("hi");
        assertThat(sluice.worker().metric("sluice_worker_wait_seconds_count{lane=\"batch\"}"))
                .isEqualTo(before + 1);
        assertThat(sluice.asked(1).getFirst().body().has("priority")).isFalse();
    }

    @Test
    void theRunOfAChatCompletionIsOneAsWell() {
        sluice.script("fallback: { text: hi }");
        HttpResponse<String> chat = sluice.gateway().ask("plain", "hello");
        JsonNode run = runs.one(chat.headers().firstValue("x-sluice-run-id").orElseThrow());

        assertThat(run.at("/status").asString()).isEqualTo("completed");
        assertThat(run.at("/background").asBoolean()).isFalse();
        assertThat(run.at("/on_disconnect").asString()).isEqualTo("cancel");
        assertThat(run.at("/result/message/content").asString()).isEqualTo("hi");
    }

    @Test
    void aRunThatFailsSaysWhyInItsObjectAndInItsLastEvent() {
        String run = id(runs.start("absent", "hello"));
        JsonNode failed = runs.await(run, "failed");

        assertThat(failed.at("/error/code").asString()).isEqualTo("upstream_unreachable");
        assertThat(failed.at("/result").isNull()).isTrue();
        List<EventStream.Event> events = runs.events(run);
        assertThat(events.getLast().type()).isEqualTo("run_failed");
        assertThat(events.getLast().json().at("/error/code").asString())
                .isEqualTo("upstream_unreachable");
    }

    @Test
    void aRunIsStreamedAsItsEvents() {
        sluice.script(TOOL_LOOP);
        try (EventStream stream =
                EventStream.open(sluice.gateway(), runs.post("clock", "6*7?", "\"stream\":true"))) {
            assertThat(stream.status()).isEqualTo(200);
            assertThat(stream.header("content-type")).startsWith("text/event-stream");
            List<EventStream.Event> events = stream.rest();
            assertThat(types(events))
                    .startsWith("attempt_started")
                    .containsSubsequence(
                            "text_delta", "turn_completed", "tool_completed", "turn_completed")
                    .endsWith("run_completed");
            assertThat(events.getFirst().id()).isNull();
            assertThat(events.stream().skip(1))
                    .allSatisfy(event -> {
                        assertThat(event.id()).startsWith(event.json().at("/seq").asString() + "-");
                        assertThat(event.json().at("/type").asString()).isEqualTo(event.type());
                        assertThat(event.json().at("/run").asString())
                                .isEqualTo(stream.header("x-sluice-run-id"));
                    });
            assertThat(events.stream().skip(1).map(event -> event.json().at("/seq").asInt()))
                    .isSorted()
                    .doesNotHaveDuplicates()
                    .hasSize(events.size() - 1);
            assertThat(runs.events(stream.header("x-sluice-run-id"))).isEqualTo(events);
        }
    }

    @Test
    void severalWatchAtSeveralGatewaysAndWhoComesBackAnywhereMissesNothing() {
        sluice.script(
                """
                pace: { tokens_per_second: 40 }
                fallback: { text: one two three four five six seven eight nine ten, repeat: 4 }
                """);
        try (Gateway second = sluice.gateway(sluice.settings())) {
            Runs elsewhere = Runs.of(second);
            String run = id(runs.start("plain", "count"));
            List<EventStream.Event> broken = new ArrayList<>();
            try (EventStream here = runs.events(run, "0");
                    EventStream there = elsewhere.events(run, "0")) {
                boolean first = true;
                String last = "0";
                while (broken.isEmpty() || !"run_completed".equals(broken.getLast().type())) {
                    try (EventStream piece = (first ? runs : elsewhere).events(run, last)) {
                        List<EventStream.Event> taken = piece.take(7);
                        assertThat(taken).isNotEmpty();
                        broken.addAll(taken);
                        last = String.valueOf(taken.getLast().id());
                        first = !first;
                    }
                }
                List<EventStream.Event> whole = here.rest();
                assertThat(there.rest()).isEqualTo(whole);
                assertThat(broken).isEqualTo(whole);
            }
            assertEveryTailIsTheSame(elsewhere, run);
            assertThat(sluice.gateway().metric("sluice_gateway_attached")).isZero();
        }
    }

    private void assertEveryTailIsTheSame(Runs elsewhere, String run) {
        List<EventStream.Event> whole = runs.events(run);
        for (int i = 1; i < whole.size() - 1; i += 5) {
            String id = String.valueOf(whole.get(i).id());
            String number = id.substring(0, id.indexOf('-'));
            List<EventStream.Event> tail = whole.subList(i + 1, whole.size());
            for (String after : List.of(id, number)) {
                try (EventStream events = elsewhere.events(run, after)) {
                    assertThat(events.rest()).isEqualTo(tail);
                }
            }
        }
        try (EventStream over = elsewhere.events(run, String.valueOf(whole.getLast().id()))) {
            assertThat(over.status()).isEqualTo(204);
        }
    }

    @Test
    void eventsAreFetchedPageByPage() {
        sluice.script(TOOL_LOOP);
        String run = id(runs.start("clock", "6*7?"));
        runs.await(run, "completed");
        List<JsonNode> paged = new ArrayList<>();
        JsonNode page = runs.get("/" + run + "/events?limit=2");
        paged.addAll(page.at("/data").valueStream().toList());
        while (page.at("/has_more").asBoolean()) {
            page =
                    runs.get(
                            "/%s/events?limit=2&starting_after=%s"
                                    .formatted(run, page.at("/last_id").asString()));
            paged.addAll(page.at("/data").valueStream().toList());
        }
        JsonNode all = runs.get("/" + run + "/events?limit=1000");

        assertThat(paged).isEqualTo(all.at("/data").valueStream().toList());
        assertThat(all.at("/has_more").asBoolean()).isFalse();
        assertThat(all.at("/data").valueStream().map(event -> event.at("/type").asString()))
                .isEqualTo(types(runs.events(run)));
    }

    @Test
    void aKeysRunsAreListedNewestFirst() {
        sluice.script("fallback: { text: hi }");
        Runs hashed = new Runs(sluice.gateway(), "sk-hashed");
        List<String> started = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            started.addFirst(id(hashed.start(i % 2 == 0 ? "plain" : "tuned", "hello")));
        }
        started.forEach(run -> hashed.await(run, "completed"));

        List<String> listed = new ArrayList<>();
        JsonNode page = hashed.get("?limit=2");
        assertThat(page.at("/has_more").asBoolean()).isTrue();
        while (true) {
            page.at("/data").forEach(run -> listed.add(id(run)));
            if (!page.at("/has_more").asBoolean()) {
                break;
            }
            page = hashed.get("?limit=2&after=" + page.at("/last_id").asString());
        }
        assertThat(listed).isEqualTo(started);
        assertThat(hashed.get("?agent=tuned").at("/data")).hasSize(2);
        assertThat(hashed.get("?status=completed&agent=plain").at("/data")).hasSize(3);
        assertThat(hashed.get("?status=failed").at("/data")).isEmpty();
        assertThat(page.at("/data/0").has("steps")).isFalse();
        assertThat(runs.get("?limit=100").at("/data").valueStream().map(RunsIT::id))
                .doesNotContainAnyElementsOf(started);
    }

    @Test
    void aRunIsThereForTheKeyThatStartedItAlone() {
        sluice.script("fallback: { text: hi }");
        String run = id(runs.start("plain", "hello"));
        runs.await(run, "completed");
        Runs others = new Runs(sluice.gateway(), "sk-other");

        for (String path : List.of("", "/events", "/stream")) {
            assertNotFound(sluice.gateway().send(others.at("/" + run + path)), run);
        }
        assertNotFound(
                sluice.gateway()
                        .send(
                                others.at("/" + run + "/cancel")
                                        .POST(HttpRequest.BodyPublishers.noBody())),
                run);
        for (String unknown : List.of("run_" + UUID.randomUUID(), "nonsense", "run_")) {
            assertNotFound(sluice.gateway().send(runs.at("/" + unknown)), unknown);
        }
    }

    private static void assertNotFound(HttpResponse<String> answer, String run) {
        ErrorsIT.assertError(answer, 404, "invalid_request_error");
        assertThat(Frames.error(answer.body()).at("/code").asString()).isEqualTo("run_not_found");
        assertThat(Frames.error(answer.body()).at("/message").asString()).contains(run, "24 h");
    }

    @ParameterizedTest
    @CsvSource({
        "?limit=0,limit",
        "?limit=101,limit",
        "?limit=x,limit",
        "?status=ended,status",
        "?after=run_1,after",
        "?after=x,after"
    })
    void aListingThatCannotBeUnderstoodIsRefused(String query, String param) {
        HttpResponse<String> answer = sluice.gateway().send(runs.at(query));
        ErrorsIT.assertError(answer, 400, "invalid_request_error");
        assertThat(Frames.error(answer.body()).at("/param").asString()).isEqualTo(param);
    }

    @ParameterizedTest
    @CsvSource({
        "/events?starting_after=x,starting_after",
        "/events?starting_after=3-0,starting_after",
        "/events?starting_after=1-999999999,starting_after",
        "/events?limit=1001,limit",
        "/events?stream=yes,stream",
        "/stream?format=responses,format",
        "/stream?starting_after=-1,starting_after",
        "/stream?include_usage=1,include_usage"
    })
    void aPlaceThatCannotBeUnderstoodIsRefused(String path, String param) {
        sluice.script("fallback: { text: hi }");
        String run = id(runs.start("plain", "hello"));
        runs.await(run, "completed");
        HttpResponse<String> answer = sluice.gateway().send(runs.at("/" + run + path));
        ErrorsIT.assertError(answer, 400, "invalid_request_error");
        assertThat(Frames.error(answer.body()).at("/param").asString()).isEqualTo(param);
        sluice.asked(1);
    }

    @Test
    void aRunIsCancelledBeforeAnyWorkerHasIt() {
        sluice.script("fallback: { text: never }");
        Settings settings = sluice.settings("cancelled-early");
        try (Gateway gateway = sluice.gateway(settings)) {
            Runs waiting = Runs.of(gateway);
            String run = id(waiting.start("plain", "hello"));
            try (EventStream watching = waiting.events(run, "0")) {
                assertThat(waiting.cancel(run).at("/status").asString()).isEqualTo("cancelled");
                assertThat(waiting.cancel(run).at("/status").asString()).isEqualTo("cancelled");
                try (Gateway worker = sluice.worker(settings)) {
                    assertThat(types(watching.rest())).endsWith("run_cancelled");
                    waiting.await(run, "cancelled");
                    assertThat(types(waiting.events(run)))
                            .filteredOn(type -> type.startsWith("run_"))
                            .containsExactly("run_cancelled");
                    assertThat(worker.port()).isPositive();
                }
            }
        }
        sluice.asked(0);
    }

    @Test
    void aRunIsCancelledWhileItIsExecutedAndOnlyOnce() {
        sluice.script(STORY);
        String run = id(runs.start("plain", "a story"));
        sluice.awaitAsked(request -> request.chunks() > 3);

        runs.cancel(run);

        sluice.awaitAsked(request -> request.end() == Received.End.CLIENT_GONE);
        JsonNode cancelled = runs.await(run, "cancelled");
        assertThat(cancelled.at("/error").isNull()).isTrue();
        assertThat(runs.cancel(run).at("/status").asString()).isEqualTo("cancelled");
        assertOneEnd(run, "run_cancelled");
    }

    @Test
    void aRunThatHasEndedStaysAsItIs() {
        sluice.script("fallback: { text: hi }");
        String run = id(runs.start("plain", "hello"));
        runs.await(run, "completed");

        assertThat(runs.cancel(run).at("/status").asString()).isEqualTo("completed");
        assertOneEnd(run, "run_completed");
    }

    @Test
    void aRunThatIsToBeCancelledIsSoWhenItsLastWatcherHasLeft() {
        sluice.script(STORY);
        try (Gateway second = sluice.gateway(sluice.settings())) {
            String run = id(runs.start("plain", "a story", "\"on_disconnect\":\"cancel\""));
            EventStream here = runs.events(run, "0");
            EventStream there = Runs.of(second).events(run, "0");
            assertThat(here.take(3)).hasSize(3);
            assertThat(there.take(3)).hasSize(3);
            here.close();
            assertThat(there.take(20)).hasSize(20);
            assertThat(runs.one(run).at("/status").asString()).isEqualTo("running");
            there.close();
            sluice.awaitAsked(request -> request.end() == Received.End.CLIENT_GONE);
            runs.await(run, "cancelled");
            assertOneEnd(run, "run_cancelled");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"background\":true", "\"on_disconnect\":\"continue\""})
    void aRunThatIsToContinueDoesSoWhoeverLeaves(String terms) {
        sluice.script(
                """
                pace: { tokens_per_second: 20 }
                fallback: { text: once upon a time there was an end, repeat: 3 }
                """);
        String run;
        try (EventStream stream =
                EventStream.open(
                        sluice.gateway(),
                        runs.post("plain", "a story", "\"stream\":true", terms))) {
            run = stream.header("x-sluice-run-id");
            assertThat(stream.take(3)).hasSize(3);
        }
        JsonNode completed = runs.await(run, "completed");
        assertThat(completed.at("/result/message/content").asString()).endsWith("there was an end");
        sluice.asked(1);
    }

    @Test
    void aGatewayThatStopsNamesTheRunThatGoesOn() {
        sluice.script(
                """
                pace: { tokens_per_second: 10 }
                fallback: { text: once upon a time there was an end, repeat: 4 }
                """);
        GatewayApp app =
                GatewayApp.start(
                        sluice.settings()
                                .with("gateway", "{ port: 0, drain_timeout: 100ms }")
                                .config());
        Gateway leaving = new Gateway(app.port(), () -> {});
        EventStream stream =
                EventStream.open(
                        leaving, leaving.chat(Gateway.body("plain", "hi", "\"stream\":true")));
        String run = stream.header("x-sluice-run-id");
        assertThat(stream.take(3)).hasSize(3);
        var whole =
                leaving.http()
                        .sendAsync(
                                leaving.chat(Gateway.body("plain", "hi")).build(),
                                HttpResponse.BodyHandlers.ofString());
        await().until(() -> sluice.asked().size() == 2);
        Thread closing = Thread.ofVirtual().start(app::close);
        EventStream.Event last = stream.rest().getLast();
        assertThat(last.json().at("/error/code").asString()).isEqualTo("shutting_down");
        assertThat(last.json().at("/error/message").asString()).contains(run);
        HttpResponse<String> cut = whole.join();
        ErrorsIT.assertError(cut, 503, "server_error");
        assertThat(cut.headers().firstValue("x-should-retry")).hasValue("false");
        for (String each :
                List.of(run, cut.headers().firstValue("x-sluice-run-id").orElseThrow())) {
            assertThat(runs.await(each, "completed").at("/result/message/content").asString())
                    .endsWith("there was an end");
        }
        await().until(() -> !closing.isAlive());
        leaving.close();
    }

    @Test
    void withoutRedisRunsAreUnavailableAndSaySo() {
        sluice.script("fallback: { text: hi }");
        EmbeddedRedis own = sluice.redis("redis-runs", 0);
        Settings settings =
                sluice.settings("runs-away")
                        .with("redis", "{ url: '" + own.url() + "', timeout: 500ms }")
                        .with("gateway", "{ port: 0, drain_timeout: 1s }");
        try (Gateway gateway = sluice.gateway(settings)) {
            Runs unknown = Runs.of(gateway);
            own.kill();
            List<HttpRequest.Builder> requests =
                    List.of(
                            unknown.post("plain", "hello"),
                            unknown.at(""),
                            unknown.at("/run_1"),
                            gateway.chat(Gateway.body("plain", "hello"))
                                    .header("Idempotency-Key", "k"));
            for (HttpRequest.Builder request : requests) {
                HttpResponse<String> answer = gateway.send(request);
                ErrorsIT.assertError(answer, 503, "server_error");
                assertThat(Frames.error(answer.body()).at("/code").asString())
                        .isEqualTo("runs_unavailable");
                assertThat(answer.headers().firstValue("retry-after")).isPresent();
            }
        } finally {
            own.kill();
        }
        sluice.asked(0);
    }

    @Test
    void aRunIsForgottenSomeTimeAfterItsEnd() {
        sluice.script("fallback: { text: hi }");
        Settings settings = sluice.settings("short-lived").with("run", "{ retention: 2s }");
        try (Gateway gateway = sluice.gateway(settings);
                Gateway worker = sluice.worker(settings)) {
            Runs shortLived = Runs.of(gateway);
            // Until then a worker may yet find the run in the log, and make it known again.
            await().until(() -> gateway.send(shortLived.at("/run_1")).statusCode() == 404);
            String run = id(shortLived.start("plain", "hello"));
            shortLived.await(run, "completed");
            await().until(() -> gateway.send(shortLived.at("/" + run)).statusCode() == 404);
            for (String path : List.of("", "/events?stream=true", "/stream")) {
                HttpResponse<String> gone = gateway.send(shortLived.at("/" + run + path));
                assertThat(gone.statusCode()).isEqualTo(404);
                assertThat(Frames.error(gone.body()).at("/message").asString())
                        .contains(run, "2 s");
            }
            assertThat(shortLived.get("").at("/data")).isEmpty();
            assertThat(worker.port()).isPositive();
        }
    }
}
