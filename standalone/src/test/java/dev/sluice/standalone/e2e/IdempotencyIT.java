package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.standalone.e2e.fixture.EventStream;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.Runs;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.Topic;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A request that is repeated under its key joins the run that it started.
@WithSluice
class IdempotencyIT {

    private static final String SLOWLY =
            """
            pace: { tokens_per_second: 20 }
            fallback: { text: once upon a time there was an end, repeat: 3 }
            """;

    private final Sluice sluice;
    private final String key = UUID.randomUUID().toString();

    IdempotencyIT(Sluice sluice) {
        this.sluice = sluice;
    }

    private HttpRequest.Builder chat(Gateway gateway, String user, String... more) {
        return gateway.chat(Gateway.body("plain", user, more)).header("Idempotency-Key", key);
    }

    private HttpResponse<String> ask(String user, String... more) {
        return sluice.gateway().send(chat(sluice.gateway(), user, more));
    }

    private static String run(HttpResponse<?> answer) {
        return answer.headers().firstValue("x-sluice-run-id").orElseThrow();
    }

    @Test
    void aRepetitionIsAnsweredWithTheSameRunHoweverItIsDelivered() {
        sluice.script("fallback: { text: 'You said: {{user}}' }");
        double joined = sluice.gateway().metric("sluice_runs_joined_total");
        HttpResponse<String> first = ask("hello");
        HttpResponse<String> again = ask("hello");
        HttpResponse<String> streamed = ask("hello", "\"stream\":true");

        assertThat(again.body()).isEqualTo(first.body());
        assertThat(Frames.text(streamed.body())).isEqualTo("You said: hello");
        assertThat(streamed.body()).endsWith("data: [DONE]\n\n");
        assertThat(List.of(run(again), run(streamed))).containsOnly(run(first));
        assertThat(first.headers().firstValue("idempotent-replayed")).isEmpty();
        assertThat(again.headers().firstValue("idempotent-replayed")).hasValue("true");
        assertThat(sluice.gateway().metric("sluice_runs_joined_total")).isEqualTo(joined + 2);
        sluice.asked(1);
    }

    @Test
    void manyAtOnceAtTwoGatewaysAreOneRun() {
        sluice.script(SLOWLY);
        try (Gateway second = sluice.gateway(sluice.settings())) {
            List<CompletableFuture<HttpResponse<String>>> answers =
                    IntStream.range(0, 12)
                            .mapToObj(i -> {
                                Gateway gateway = i % 2 == 0 ? sluice.gateway() : second;
                                String[] more =
                                        i % 3 == 0
                                                ? new String[] {"\"stream\":true"}
                                                : new String[0];
                                return gateway.http()
                                        .sendAsync(
                                                chat(gateway, "hello", more).build(),
                                                BodyHandlers.ofString());
                            })
                            .toList();
            assertThat(answers)
                    .allSatisfy(answer -> {
                        HttpResponse<String> got = answer.join();
                        assertThat(got.statusCode()).isEqualTo(200);
                        assertThat(got.body()).contains("end");
                    })
                    .extracting(answer -> run(answer.join()))
                    .containsOnly(run(answers.getFirst().join()));
        }
        sluice.asked(1);
    }

    @Test
    void whoseConnectionBrokeComesBackForTheAnswer() {
        sluice.script(SLOWLY);
        String run;
        try (EventStream stream =
                EventStream.open(
                        sluice.gateway(), chat(sluice.gateway(), "hello", "\"stream\":true"))) {
            run = stream.header("x-sluice-run-id");
            assertThat(stream.take(3)).hasSize(3);
        }
        Runs.of(sluice.gateway()).await(run, "completed");
        try (Gateway second = sluice.gateway(sluice.settings())) {
            HttpResponse<String> answer = second.send(chat(second, "hello"));
            assertThat(run(answer)).isEqualTo(run);
            assertThat(Frames.content(answer.body())).endsWith("there was an end");
        }
        sluice.asked(1);
    }

    @Test
    void whatIsToBeCancelledIsCancelledWhenItsClientLeaves() {
        sluice.script(SLOWLY);
        EventStream stream =
                EventStream.open(
                        sluice.gateway(),
                        chat(
                                sluice.gateway(),
                                "hello",
                                "\"stream\":true",
                                "\"on_disconnect\":\"cancel\""));
        assertThat(stream.take(3)).hasSize(3);
        stream.close();
        Runs.of(sluice.gateway()).await(stream.header("x-sluice-run-id"), "cancelled");
    }

    @Test
    void anotherBodyUnderTheSameKeyIsRefused() {
        sluice.script("fallback: { text: hi }");
        ask("hello");
        HttpResponse<String> refused = ask("goodbye");

        ErrorsIT.assertError(refused, 422, "idempotency_error");
        sluice.asked(1);
    }

    @Test
    void theSameKeyOfAnotherClientOrAtAnotherRouteIsAnother() {
        sluice.script("fallback: { text: hi }");
        HttpResponse<String> mine = ask("hello");
        HttpResponse<String> theirs =
                sluice.gateway()
                        .send(
                                chat(sluice.gateway(), "goodbye")
                                        .setHeader("Authorization", "Bearer sk-other"));
        Runs runs = Runs.of(sluice.gateway());
        HttpResponse<String> started =
                sluice.gateway().send(runs.post("plain", "hello").header("Idempotency-Key", key));
        HttpResponse<String> again =
                sluice.gateway().send(runs.post("plain", "hello").header("Idempotency-Key", key));

        assertThat(theirs.statusCode()).isEqualTo(200);
        assertThat(started.statusCode()).isEqualTo(202);
        assertThat(again.statusCode()).isEqualTo(202);
        assertThat(List.of(run(mine), run(theirs), run(started))).doesNotHaveDuplicates();
        assertThat(run(again)).isEqualTo(run(started));
        runs.await(run(started), "completed");
        sluice.asked(3);
    }

    @Test
    void aRunThatMayNotHaveBeenOfferedIsOfferedAgainAndExecutedOnce() throws IOException {
        sluice.script("fallback: { text: hi }");
        // With the others' keys in Redis: a new Redis knows of no run until a worker has looked.
        var settings =
                sluice.settings()
                        .with(
                                "kafka",
                                "{ bootstrap_servers: '%s', topic_prefix: joined }"
                                        .formatted(sluice.bootstrapServers()));
        try (Gateway gateway = sluice.gateway(settings)) {
            Runs runs = Runs.of(gateway);
            HttpRequest.Builder post = runs.post("plain", "hello").header("Idempotency-Key", key);
            String run = run(gateway.send(post));
            for (int i = 0; i < 3; i++) {
                assertThat(run(gateway.send(post))).isEqualTo(run);
            }
            // So it is left by a gateway that dies before the run is published.
            sluice.redis("HDEL sluice:run:" + run + " offer");
            assertThat(run(gateway.send(post))).isEqualTo(run);
            try (Gateway worker = sluice.worker(settings)) {
                runs.await(run, "completed");
                await().atMost(Duration.ofSeconds(10))
                        .until(() -> worker.metric("sluice_worker_claims_refused_total") == 1);
                assertThat(Topic.read(settings, "joined.runs.interactive"))
                        .filteredOn(offer -> offer.key().equals(run))
                        .hasSize(2);
            }
        }
        sluice.asked(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 256})
    void aKeyIsNeitherEmptyNorTooLong(int length) {
        HttpResponse<String> refused =
                sluice.gateway()
                        .send(
                                sluice.gateway()
                                        .chat(Gateway.body("plain", "hello"))
                                        .header("Idempotency-Key", "k".repeat(length)));

        ErrorsIT.assertError(refused, 400, "invalid_request_error");
        assertThat(Frames.error(refused.body()).at("/param").asString())
                .isEqualTo("Idempotency-Key");
    }
}
