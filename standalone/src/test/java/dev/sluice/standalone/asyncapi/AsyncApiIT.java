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
import dev.sluice.standalone.job.DeadLetters;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/// Holds what is really on the topics against their description.
@WithSluice
class AsyncApiIT {
    private static final String PREFIX = "described";
    private static final Topics TOPICS = new Topics(PREFIX);
    private static final String TOO_SMALL = "too-small";
    private static final String REFUSED = "refused";
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private final Sluice sluice;
    private final Settings settings;
    private final AsyncApi api;

    AsyncApiIT(Sluice sluice) throws IOException {
        this.sluice = sluice;
        this.settings =
                sluice.settings(PREFIX)
                        .with("audit", "{ include_content: true }")
                        .with(
                                "jobs",
                                "{ sources: [{ source: '*', key: main }], reply_topics: [%s] }"
                                        .formatted(TOO_SMALL));
        this.api = AsyncApi.load();
    }

    @Test
    void everyRecordIsAsDescribed() throws Exception {
        try (Gateway gateway = sluice.gateway(settings)) {
            killWithOne(gateway);
            takeOneUp(gateway);
            try (Gateway worker = sluice.worker(settings)) {
                assertThat(worker.port()).isPositive();
                sayAllThatCanBeSaid(gateway);
                redrive();
            }
        }

        assertThat(api.topics(PREFIX)).containsExactlyInAnyOrderElementsOf(topics());
        for (String topic : api.topics(PREFIX)) {
            assertThat(validate(topic))
                    .as(topic)
                    .containsExactlyInAnyOrderElementsOf(api.messages(topic));
        }
    }

    private static List<String> topics() {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                TOPICS.replies(),
                                TOPICS.control(),
                                TOPICS.jobs(),
                                TOPICS.results(),
                                TOPICS.deadLetter(),
                                TOPICS.audit()));
        all.addAll(TOPICS.runs());
        return all;
    }

    /// A run that as many workers died of as may.
    private void killWithOne(Gateway gateway) throws Exception {
        String run = start(gateway, "hi");
        sluice.redis("HSET %s:run:%s crashes 3".formatted(PREFIX, run));
    }

    private static String start(Gateway gateway, String user, String... more) {
        HttpResponse<String> answer =
                gateway.send(
                        gateway.request("/v1/runs")
                                .header("Content-Type", "application/json")
                                .header("traceparent", TRACE)
                                .POST(BodyPublishers.ofString(Gateway.body("plain", user, more))));
        assertThat(answer.statusCode()).isEqualTo(202);
        return Json.MAPPER.readTree(answer.body()).path("id").asString();
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
                                        .extracting(record -> type(record))
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
                  - when: { user: 'think' }
                    reply: { text: hello, reasoning: hm, extra: { refusal: 'no', mood: calm } }
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
        start(gateway, "hi", "\"priority\":\"batch\"", "\"metadata\":{\"a\":\"b\"}");
        assertThat(gateway.ask("plain", "think").statusCode()).isEqualTo(200);
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
                                        type(record).matches("run.(completed|failed|cancelled)"))
                                .hasSizeGreaterThanOrEqualTo(6));
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> {
                    assertThat(read(TOPICS.results())).hasSize(4);
                    assertThat(read(TOPICS.deadLetter())).hasSize(3);
                });
    }

    /// Those that are run, one of each form, one that is refused, and one whose result is too large
    /// for where it is to go.
    private void submitJobs() throws Exception {
        try (Admin admin = Admin.create(KafkaSettings.of(settings.config()).admin())) {
            admin.createTopics(
                            List.of(
                                    new NewTopic(TOO_SMALL, 1, (short) 1)
                                            .configs(Map.of("max.message.bytes", "100"))))
                    .all()
                    .get();
        }
        String question = "{\"agent\":\"plain\",\"input\":\"hi\",\"timeout\":\"1m\"}";
        String plain = "{\"id\":\"ID\"," + question.substring(1);
        submit(
                "plain",
                plain,
                Map.of("source", "/tests", "correlation_id", "c1", "traceparent", TRACE));
        submit(REFUSED, plain.replace(":\"plain\"", ":\"nobody\""), Map.of());
        submit("undelivered", plain, Map.of("reply_topic", TOO_SMALL, "correlation_id", "c2"));
        submit(
                "structured",
                "{\"specversion\":\"1.0\",\"id\":\"ID\",\"source\":\"/tests\",\"type\":\"any\",\"data\":%s}"
                        .formatted(question),
                Map.of("content-type", "application/cloudevents+json"));
        submit(
                "binary",
                question,
                Map.of(
                        "ce_specversion", "1.0",
                        "ce_id", "binary",
                        "ce_source", "/tests",
                        "ce_type", "any",
                        "content-type", "application/json"));
    }

    /// Submits a job, in whose value `ID` is its id.
    private void submit(String id, String value, Map<String, String> headers) {
        var record =
                new ProducerRecord<>(TOPICS.jobs(), id, value.replace("ID", id).getBytes(UTF_8));
        headers.forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
        try (var producer =
                Producers.open(KafkaSettings.of(settings.config()), List.of(TOPICS.jobs()))) {
            producer.send(record);
        }
    }

    /// Publishes the refused job again, which will be refused again.
    private void redrive() throws InterruptedException {
        try (var letters =
                new DeadLetters(KafkaSettings.of(settings.config()), TOPICS, Clock.systemUTC())) {
            letters.redrive(
                    letters.all().stream()
                            .filter(entry -> REFUSED.equals(entry.letter().key()))
                            .findFirst()
                            .orElseThrow());
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
    private Set<String> validate(String topic) {
        Set<String> seen = new HashSet<>();
        for (ConsumerRecord<String, byte[]> record : read(topic)) {
            JsonNode value =
                    record.value() == null
                            ? NullNode.getInstance()
                            : Json.MAPPER.readTree(record.value());
            ObjectNode headers = headers(record);
            String message = message(topic, headers, value);
            assertThat(api.messages(topic)).contains(message);
            assertThat(api.problems(message, value)).as("%s: %s", message, value).isEmpty();
            assertThat(api.headerProblems(message, headers)).as(message).isEmpty();
            assertThat(record.key())
                    .as("%s: %s", message, value)
                    .isEqualTo(key(message, headers, value));
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

    /// The message that a record is.
    private static String message(String topic, ObjectNode headers, JsonNode value) {
        boolean event = headers.has("ce_specversion");
        if (topic.equals(TOPICS.jobs())) {
            return event ? "binaryJob" : value.has("specversion") ? "structuredJob" : "job";
        }
        if (topic.equals(TOPICS.results())) {
            return event ? "eventResult" : "result";
        }
        if (topic.equals(TOPICS.deadLetter())) {
            return headers.has("redriven")
                    ? "redriven"
                    : switch (headers.path("kind").asString()) {
                        case "job" -> "refusedJob";
                        case "result" -> "undeliveredResult";
                        default -> "deadRun";
                    };
        }
        return TOPICS.runs().contains(topic) ? "run" : type(value);
    }

    /// The key that a record is said to have.
    private static @Nullable String key(String message, ObjectNode headers, JsonNode value) {
        return switch (message) {
            case "job", "structuredJob", "refusedJob" -> value.path("id").asString();
            case "binaryJob" -> headers.path("ce_id").asString();
            case "result", "eventResult", "undeliveredResult" -> value.at("/job/id").asString();
            case "redriven" -> REFUSED;
            case "request.denied", "request.limited" ->
                    value.path("sluicekey").asStringOpt().orElse(null);
            default -> value.path("subject").asString(value.path("run").asString());
        };
    }

    private static String type(ConsumerRecord<String, byte[]> record) {
        return type(Json.MAPPER.readTree(record.value()));
    }

    private static String type(JsonNode value) {
        return value.path("type").asString().replaceFirst("^dev\\.sluice\\.", "");
    }

    private List<ConsumerRecord<String, byte[]>> read(String topic) {
        return Topic.read(settings, topic);
    }
}
