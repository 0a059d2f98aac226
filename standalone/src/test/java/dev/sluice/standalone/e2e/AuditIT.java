package dev.sluice.standalone.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.audit.AuditCodec;
import dev.sluice.common.audit.AuditEvent;
import dev.sluice.common.audit.AuditEvent.RequestDenied;
import dev.sluice.common.audit.AuditEvent.RequestLimited;
import dev.sluice.common.audit.AuditEvent.RunEnded;
import dev.sluice.common.audit.AuditEvent.RunWaiting;
import dev.sluice.common.audit.AuditEvent.TurnCompleted;
import dev.sluice.common.audit.AuditEvent.TurnCut;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.audit.Tokens;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.standalone.cli.Console;
import dev.sluice.standalone.cli.SluiceCli;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.RoleProcess;
import dev.sluice.standalone.e2e.fixture.Settings;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.Topic;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the audit stream has of what clients did.
@WithSluice
class AuditIT {
    private static final int RUNS = 24;
    private static final String SUMS =
            """
            rules:
              - when: { tool_result: any }
                reply: { text: done, usage: { prompt_tokens: 30, completion_tokens: 4, total_tokens: 34 } }
            fallback:
              tool_calls: [ { name_matching: '.*wait', arguments: { seconds: 0.2 } } ]
              usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 }
            """;

    private final Sluice sluice;

    AuditIT(Sluice sluice) {
        this.sluice = sluice;
    }

    private static List<AuditRecord> audit(Settings settings, String prefix) {
        return Topic.read(settings, new Topics(prefix).audit()).stream()
                .map(record -> AuditCodec.decode(record.value()).orElseThrow())
                .toList();
    }

    private static Map<String, AuditRecord> distinct(Settings settings, String prefix) {
        return audit(settings, prefix).stream()
                .collect(
                        Collectors.toMap(
                                AuditRecord::id, one -> one, (one, _) -> one, LinkedHashMap::new));
    }

    private static <T extends AuditEvent> List<T> of(
            Map<String, AuditRecord> events, Class<T> type) {
        return events.values().stream()
                .map(AuditRecord::event)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    private static RunId start(Gateway gateway) {
        var answer =
                gateway.send(
                        gateway.request("/v1/runs")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(Gateway.body("clock", "wait"))));
        assertThat(answer.statusCode()).isEqualTo(202);
        return new RunId(Json.MAPPER.readTree(answer.body()).path("id").asString());
    }

    @Test
    @Timeout(120)
    void aWorkerThatIsKilledLeavesNoGapAndTheExampleAddsUp() throws Exception {
        String prefix = "audit-killed";
        Settings settings = sluice.settings(prefix);
        sluice.script(SUMS);
        Set<RunId> runs = new HashSet<>();
        Path file = sluice.data().resolve("usage.json");
        try (Gateway gateway = sluice.gateway(settings);
                RoleProcess first =
                        RoleProcess.start(
                                        "worker",
                                        settings.with("worker", "{ port: 0, concurrency: 4 }"),
                                        sluice.data().resolve("roles"))
                                .ready()) {
            for (int i = 0; i < RUNS; i++) {
                runs.add(start(gateway));
            }
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> of(distinct(settings, prefix), RunEnded.class).size() >= 4);
            first.kill();
            Process counting = example(settings, file).start();
            await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(file));
            assertThat(counting.isAlive()).isTrue();
            counting.destroyForcibly().waitFor();
            try (Gateway second = sluice.worker(settings)) {
                assertThat(second.port()).isPositive();
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> of(distinct(settings, prefix), RunEnded.class).size() == RUNS);
            }
        }

        Map<String, AuditRecord> events = distinct(settings, prefix);
        Map<RunId, Set<String>> journaled = journaled(settings, prefix);
        assertThat(journaled.keySet()).isEqualTo(runs);
        journaled.forEach((run, ids) -> {
            assertThat(
                            events.values().stream()
                                    .filter(event -> run.equals(event.subject().run()))
                                    // Of these no journal says anything.
                                    .filter(event ->
                                            !(event.event() instanceof TurnCut
                                                    || event.event() instanceof RunWaiting))
                                    .map(AuditRecord::id))
                    .containsExactlyInAnyOrderElementsOf(ids);
        });
        // Else counting distinct ids were no art.
        assertThat(audit(settings, prefix)).hasSizeGreaterThan(events.size());
        assertThat(of(events, RunEnded.class))
                .allSatisfy(end -> assertThat(end.turns()).isEqualTo(2))
                .allSatisfy(end -> assertThat(end.usage().totalTokens()).isEqualTo(46));
        assertThat(
                        of(events, TurnCompleted.class).stream()
                                .map(TurnCompleted::usage)
                                .mapToLong(Tokens::totalTokens)
                                .sum())
                .isEqualTo(RUNS * 46L);
        Process rest = example(settings, file, "--once").start();
        assertThat(rest.waitFor(30, TimeUnit.SECONDS)).isTrue();
        var usage = Json.MAPPER.readTree(Files.readAllBytes(file)).path("usage");
        assertThat(usage.propertyNames()).containsExactly("main clock");
        assertThat(usage.at("/main clock/prompt").asLong()).isGreaterThanOrEqualTo(RUNS * 40L);
        long estimated = usage.at("/main clock/estimated").asLong();
        assertThat(
                        usage.at("/main clock/prompt").asLong()
                                + usage.at("/main clock/completion").asLong()
                                - estimated)
                .isEqualTo(RUNS * 46L);
    }

    /// The ids of what the journals say, by run.
    private static Map<RunId, Set<String>> journaled(Settings settings, String prefix) {
        Map<RunId, AttemptRule> rules = new HashMap<>();
        Map<RunId, Set<String>> ids = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record :
                Topic.read(settings, new Topics(prefix).replies())) {
            Reply reply = RunCodec.decodeReply(record.value());
            AttemptRule rule = rules.computeIfAbsent(reply.run(), _ -> new AttemptRule());
            if (rule.counts(reply)) {
                Set<String> of = ids.computeIfAbsent(reply.run(), _ -> new HashSet<>());
                String what =
                        switch (reply.event()) {
                            case RunEvent.TurnCompleted _ -> "turn/" + reply.seq();
                            case RunEvent.ToolCompleted _ -> "tool/" + reply.seq();
                            case RunEvent.RunCompleted _ -> "end";
                            case RunEvent.AttemptStarted _ -> "started/" + reply.attempt();
                            default -> "accepted";
                        };
                of.add(reply.run() + "/" + what);
            }
        }
        return ids;
    }

    private ProcessBuilder example(Settings settings, Path file, String... options) {
        ProcessBuilder java =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty(
                                "surefire.test.class.path", System.getProperty("java.class.path")),
                        Path.of("..", "examples", "audit", "Usage.java").toString());
        java.command().addAll(List.of(options));
        java.environment()
                .putAll(
                        Map.of(
                                "KAFKA",
                                sluice.bootstrapServers(),
                                "AUDIT_TOPIC",
                                settings.config().kafka().topicPrefix() + ".audit",
                                "USAGE_FILE",
                                file.toString()));
        return java.redirectErrorStream(true)
                .redirectOutput(new File(sluice.data().toFile(), "usage.log"));
    }

    @Test
    void theTailShowsARunInATerminalAndToAMachine() throws Exception {
        String prefix = "audit-tail";
        Settings settings = sluice.settings(prefix);
        sluice.script(SUMS);
        Path config = sluice.data().resolve("tail.yaml");
        Files.writeString(config, settings.yaml());
        RunId run;
        try (Gateway worker = sluice.worker(settings);
                Gateway gateway = sluice.gateway(settings)) {
            assertThat(worker.port()).isPositive();
            run = start(gateway);
            start(gateway);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> of(distinct(settings, prefix), RunEnded.class).size() == 2);
        }

        assertThat(tail(config, "--run", run.value()))
                .hasSize(6)
                .allMatch(line -> line.contains(run.value()))
                .anyMatch(line -> line.contains("  run.accepted     "))
                .anyMatch(line ->
                        line.endsWith(
                                "stop, 2 turns, 1 tool call, 40 + 6 tokens, "
                                        + line.substring(line.lastIndexOf(", ") + 2)));
        assertThat(tail(config, "--since", "10m", "--type", "run.completed")).hasSize(2);
        assertThat(tail(config, "--since", "10m", "--type", "turn", "--json"))
                .hasSize(4)
                .allSatisfy(line ->
                        assertThat(Json.MAPPER.readTree(line).path("type").asString())
                                .isEqualTo("dev.sluice.turn.completed"));
    }

    private List<String> tail(Path config, String... options) {
        var out = new ByteArrayOutputStream();
        var console =
                new Console(
                        new PrintStream(out, true, UTF_8),
                        new PrintStream(out, true, UTF_8),
                        Map.of(),
                        sluice.data());
        List<String> arguments = new ArrayList<>(List.of("events", "tail", "--once"));
        arguments.addAll(List.of("--config", config.toString()));
        arguments.addAll(List.of(options));
        int status = new SluiceCli(console, _ -> 1).run(arguments.toArray(String[]::new));
        assertThat(status).isZero();
        return out.toString(UTF_8).lines().toList();
    }

    @Test
    void whoIsTurnedAwayIsToldOfWithoutWhatTheyPresented() {
        String prefix = "audit-denied";
        Settings settings = sluice.settings(prefix);
        sluice.script("fallback: { text: ok }");
        try (Gateway worker = sluice.worker(settings);
                Gateway gateway = sluice.gateway(settings)) {
            assertThat(worker.port()).isPositive();
            ask(gateway, null, "plain", 401);
            ask(gateway, "sk-wrong-one", "plain", 401);
            ask(gateway, "sk-expired", "plain", 401);
            ask(gateway, "sk-narrow", "clock", 404);
            ask(gateway, "sk-narrow", "no-such-agent", 404);
            for (int i = 0; i < 3; i++) {
                ask(gateway, "sk-limited", "plain", 200);
            }
            ask(gateway, "sk-limited", "plain", 429);
            RunId run = start(gateway);
            gateway.send(
                    gateway.request("/v1/runs/" + run)
                            .setHeader("Authorization", "Bearer sk-other"));
            gateway.send(
                    gateway.request("/admin/queue").setHeader("Authorization", "Bearer sk-other"));

            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() ->
                            assertThat(of(distinct(settings, prefix), RequestDenied.class))
                                    .extracting(RequestDenied::reason)
                                    .containsExactlyInAnyOrder(
                                            "no_key",
                                            "invalid_key",
                                            "expired_key",
                                            "agent_not_admitted",
                                            "not_the_runs_key",
                                            "not_an_admin"));
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() ->
                            assertThat(of(distinct(settings, prefix), RunEnded.class)).hasSize(4));
        }

        Map<String, AuditRecord> events = distinct(settings, prefix);
        assertThat(events.values())
                .filteredOn(event -> event.event() instanceof RequestLimited)
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.subject().key()).isEqualTo("limited");
                    assertThat(((RequestLimited) event.event()).limit()).isEqualTo(3);
                });
        // All had the same request id, as their clients would have it.
        assertThat(events.values())
                .filteredOn(event -> event.subject().run() == null)
                .extracting(AuditRecord::id)
                .hasSize(7)
                .allMatch(id -> id.matches("request/[0-9a-f-]{36}/[0-9]+/(denied|limited)"));
        assertThat(events.values())
                .filteredOn(event -> event.subject().key() != null)
                .extracting(event -> event.subject().key())
                .contains("expired", "narrow", "other", "main", "limited");
        assertThat(Topic.read(settings, new Topics(prefix).audit()))
                .extracting(record -> new String(record.value(), UTF_8))
                .noneMatch(text -> text.contains("sk-"));
    }

    private static void ask(Gateway gateway, String key, String agent, int status) {
        var request = gateway.chat(Gateway.body(agent, "hi")).header("x-request-id", "again");
        if (key == null) {
            request.setHeader("Authorization", "none");
        } else {
            request.setHeader("Authorization", "Bearer " + key);
        }
        assertThat(gateway.send(request).statusCode()).isEqualTo(status);
    }
}
