package dev.sluice.standalone.asyncapi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Producers;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Json;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.Settings;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.Topic;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Holds what is really on the topics against their description.
@WithSluice
class AsyncApiIT {
    private static final String PREFIX = "described";
    private static final Topics TOPICS = new Topics(PREFIX);

    private final Sluice sluice;
    private final Settings settings;
    private final AsyncApi api;

    AsyncApiIT(Sluice sluice) throws IOException {
        this.sluice = sluice;
        this.settings =
                sluice.settings(PREFIX)
                        .with("audit", "{ include_content: true }")
                        .with("jobs", "{ sources: [{ source: '', key: main }] }");
        this.api = AsyncApi.load();
    }

    @Test
    void everyRecordIsAsDescribed() throws Exception {
        try (Gateway gateway = sluice.gateway(settings)) {
            takeOneUp(gateway);
            try (Gateway worker = sluice.worker(settings)) {
                assertThat(worker.port()).isPositive();
                sayAllThatCanBeSaid(gateway);
            }
        }

        Set<String> audit = validate(TOPICS.audit(), "type");
        Set<String> replies = validate(TOPICS.replies(), "type");
        assertThat(audit)
                .contains(
                        "run.accepted",
                        "run.started",
                        "run.waiting",
                        "run.resumed",
                        "turn.completed",
                        "turn.cut",
                        "tool.called",
                        "run.completed",
                        "run.failed",
                        "run.cancelled",
                        "request.denied",
                        "request.limited");
        assertThat(replies)
                .contains(
                        "attempt_started",
                        "text_delta",
                        "tool_call_delta",
                        "turn_completed",
                        "tool_completed",
                        "turn_reset",
                        "cancel_requested",
                        "run_completed",
                        "run_failed",
                        "run_cancelled");
        assertThat(validate(TOPICS.control(), "type")).contains("cancel", "superseded");
        assertThat(validate(TOPICS.jobs(), "job", "job")).isNotEmpty();
        assertThat(validate(TOPICS.results(), "result", "result")).isNotEmpty();
        assertThat(validate(TOPICS.deadLetter(), "letter", "refusedJob")).isNotEmpty();
        for (String lane : TOPICS.runs()) {
            assertThat(validate(lane, "run", "run")).isNotEmpty();
        }
    }

    /// A run that one worker leaves within a turn and another takes up, whose model says something
    /// else.
    private void takeOneUp(Gateway gateway) throws Exception {
        sluice.script("fallback: { text: 'one two three four five six', hang_after: 3 }");
        Gateway first = sluice.worker(settings.with("worker", "{ port: 0, drain_timeout: 100ms }"));
        HttpResponse<Stream<String>> stream =
                gateway.http()
                        .send(
                                gateway.chat(Gateway.body("plain", "go", "\"stream\":true"))
                                        .build(),
                                BodyHandlers.ofLines());
        try (Stream<String> body = stream.body()) {
            Iterator<String> lines = body.iterator();
            while (!lines.next().contains("one")) {
                assertThat(lines.hasNext()).isTrue();
            }
            sluice.script("fallback: { text: 'seven' }");
            first.close();
            try (Gateway second = sluice.worker(settings)) {
                assertThat(second.port()).isPositive();
                while (lines.hasNext()) {
                    lines.next();
                }
                await().atMost(Duration.ofSeconds(10))
                        .untilAsserted(() ->
                                assertThat(read(TOPICS.audit()))
                                        .extracting(record -> type(record, "type"))
                                        .contains("run.completed", "run.resumed"));
            }
        }
    }

    private void sayAllThatCanBeSaid(Gateway gateway) throws Exception {
        sluice.script(
                """
                rules:
                  - when: { user: 'slow' }
                    reply: { text: 'one two three four five six', hang_after: 3 }
                  - when: { tool_result: any }
                    reply: { text: done }
                  - when: { user: 'weather' }
                    reply: { tool_calls: [ { name: weather, arguments: { city: Rome } } ] }
                  - when: { user: 'sum' }
                    reply: { tool_calls: [ { name_matching: '.*calculate', arguments: { expression: 1+1 } } ] }
                fallback: { text: hello }
                """);
        assertThat(gateway.ask("clock", "sum").statusCode()).isEqualTo(200);
        assertThat(
                        gateway.ask(
                                        "plain",
                                        "weather",
                                        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}]")
                                .statusCode())
                .isEqualTo(200);
        assertThat(gateway.ask("absent", "hi").statusCode()).isGreaterThanOrEqualTo(500);
        assertThat(
                        gateway.send(
                                        gateway.request("/v1/runs")
                                                .header("Content-Type", "application/json")
                                                .POST(
                                                        BodyPublishers.ofString(
                                                                Gateway.body(
                                                                        "plain",
                                                                        "hi",
                                                                        "\"priority\":\"batch\"",
                                                                        "\"metadata\":{\"a\":\"b\"}"))))
                                .statusCode())
                .isEqualTo(202);
        submitJobs();
        cancelOneThatTalks(gateway);
        assertThat(
                        gateway.send(
                                        gateway.chat(Gateway.body("plain", "hi"))
                                                .setHeader("Authorization", "Bearer wrong"))
                                .statusCode())
                .isEqualTo(401);
        for (int i = 0; i < 4; i++) {
            gateway.send(
                    gateway.chat(Gateway.body("plain", "hi"))
                            .setHeader("Authorization", "Bearer sk-limited"));
        }
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() ->
                        assertThat(read(TOPICS.audit()))
                                .filteredOn(record ->
                                        type(record, "type")
                                                .matches("run.(completed|failed|cancelled)"))
                                .hasSizeGreaterThanOrEqualTo(6));
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(read(TOPICS.results())).hasSize(2));
    }

    /// One that is run and one that is refused.
    private void submitJobs() {
        try (var producer =
                Producers.open(KafkaSettings.of(settings.config()), List.of(TOPICS.jobs()))) {
            for (String agent : List.of("plain", "nobody")) {
                String job =
                        "{\"id\":\"%1$s\",\"agent\":\"%1$s\",\"input\":\"hi\",\"timeout\":\"1m\"}"
                                .formatted(agent);
                producer.send(new ProducerRecord<>(TOPICS.jobs(), agent, job.getBytes(UTF_8)));
            }
        }
    }

    private void cancelOneThatTalks(Gateway gateway) throws Exception {
        HttpResponse<Stream<String>> stream =
                gateway.http()
                        .send(
                                gateway.chat(Gateway.body("plain", "slow", "\"stream\":true"))
                                        .build(),
                                BodyHandlers.ofLines());
        String run = stream.headers().firstValue("x-sluice-run-id").orElseThrow();
        try (Stream<String> lines = stream.body()) {
            assertThat(lines.anyMatch(line -> line.contains("one"))).isTrue();
            gateway.send(
                    gateway.request("/v1/runs/" + run + "/cancel").POST(BodyPublishers.noBody()));
        }
    }

    /// The names of the messages on a topic, all of which are as described.
    private Set<String> validate(String topic, String field) {
        return validate(topic, field, null);
    }

    private Set<String> validate(String topic, String field, @Nullable String only) {
        Set<String> seen = new HashSet<>();
        List<ConsumerRecord<String, byte[]>> records = read(topic);
        assertThat(records).as(topic).isNotEmpty();
        for (ConsumerRecord<String, byte[]> record : records) {
            JsonNode value = Json.MAPPER.readTree(record.value());
            String message = only == null ? type(record, field) : only;
            assertThat(api.messages(topic)).contains(message);
            assertThat(api.problems(message, value)).as("%s: %s", message, value).isEmpty();
            assertThat(api.headerProblems(message, headers(record))).as(message).isEmpty();
            assertThat(record.key()).as("%s: %s", message, value).isEqualTo(key(message, value));
            seen.add(message);
        }
        return seen;
    }

    private static ObjectNode headers(ConsumerRecord<String, byte[]> record) {
        ObjectNode headers = Json.MAPPER.createObjectNode();
        record.headers()
                .forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
        return headers;
    }

    /// The key that a record is said to have.
    private static @Nullable String key(String message, JsonNode value) {
        return switch (message) {
            case "job", "refusedJob" -> value.path("id").asString();
            case "result" -> value.at("/job/id").asString();
            case "request.denied", "request.limited" ->
                    value.path("sluicekey").asStringOpt().orElse(null);
            default -> value.path("subject").asString(value.path("run").asString());
        };
    }

    private static String type(ConsumerRecord<String, byte[]> record, String field) {
        return Json.MAPPER
                .readTree(record.value())
                .path(field)
                .asString()
                .replaceFirst("^dev\\.sluice\\.", "");
    }

    private List<ConsumerRecord<String, byte[]>> read(String topic) {
        return Topic.read(settings, topic);
    }
}
