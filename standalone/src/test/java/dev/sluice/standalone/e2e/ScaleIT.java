package dev.sluice.standalone.e2e;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.embedded.mcp.ToolInvocation;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.Settings;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A fleet that grows from one worker to four and shrinks again while clients ask.
@WithSluice
@Timeout(180)
class ScaleIT {
    private static final int CLIENTS = 48;
    private static final int SLOTS = 8;
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final String SCRIPT =
            """
            journal: 10000
            pace: { first_token: 100ms, tokens_per_second: 50 }
            rules:
              - when: { user: 'order (\\w+)', tool_result: any }
                reply: { text: 'Order {{user.1}} holds {{tool_result}} and nothing else' }
              - when: { user: 'order (\\w+)' }
                reply:
                  tool_calls: [ { name: demo__echo, arguments: { text: 'item-{{user.1}}' } } ]
            """;

    private final Sluice sluice;
    private final AtomicInteger asked = new AtomicInteger();
    private final Map<Integer, String> answers = new ConcurrentHashMap<>();
    private volatile boolean enough;

    ScaleIT(Sluice sluice) {
        this.sluice = sluice;
    }

    /// A fleet of its own, apart from the one that the other tests share.
    private Settings settings() {
        String redis = sluice.settings().sections().getOrDefault("redis", "");
        return sluice.settings()
                .with("redis", redis.replace("}", ", key_prefix: scale }"))
                .with(
                        "kafka",
                        "{ bootstrap_servers: '%s', topic_prefix: scale }"
                                .formatted(sluice.bootstrapServers()))
                .with(
                        "worker",
                        "{ port: 0, drain_timeout: 20s, concurrency: %d }".formatted(SLOTS));
    }

    @Test
    void aFleetGrowsFromOneToFourAndShrinksAgainUnderLoad() throws Exception {
        sluice.script(SCRIPT);
        List<Gateway> more = new ArrayList<>();
        double endedByThem = 0;
        try (Gateway first = sluice.worker(settings());
                Gateway gateway = sluice.gateway(settings());
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> asking = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                asking.add(clients.submit(() -> ask(gateway)));
            }
            await().atMost(SOON)
                    .untilAsserted(() -> {
                        assertFleet(gateway, 1);
                        assertThat(queue(gateway).at("/slots/free").asInt()).isZero();
                        assertThat(queue(gateway).at("/lanes/interactive/demand").asInt())
                                .isGreaterThan(SLOTS);
                    });
            awaitAnswers(30);

            for (int i = 0; i < 3; i++) {
                more.add(sluice.worker(settings()));
            }
            await().atMost(SOON)
                    .untilAsserted(() -> {
                        assertFleet(gateway, 4);
                        assertThat(queue(gateway).at("/workers").valueStream())
                                .allSatisfy(worker ->
                                        assertThat(worker.at("/used").asInt()).isPositive());
                    });
            awaitAnswers(150);

            while (!more.isEmpty()) {
                Gateway leaving = more.removeLast();
                endedByThem += ended(leaving);
                leaving.close();
            }
            await().atMost(SOON).untilAsserted(() -> assertFleet(gateway, 1));
            awaitAnswers(30);
            enough = true;
            for (Future<?> client : asking) {
                client.get();
            }

            assertThatEachOrderCameOnce();
            assertThat(endedByThem).as("ended by those that came and went").isPositive();
            assertThat(ended(first)).as("ended by the one that stayed").isPositive();
            await().atMost(SOON)
                    .untilAsserted(() -> {
                        assertThat(queue(gateway).at("/lanes/interactive/waiting").asInt())
                                .isZero();
                        assertThat(queue(gateway).at("/slots/used").asInt()).isZero();
                    });
        } finally {
            enough = true;
            more.forEach(Gateway::close);
        }
    }

    private Void ask(Gateway gateway) {
        while (!enough) {
            int number = asked.getAndIncrement();
            String user = "order k" + number;
            // Every other client streams.
            answers.put(
                    number,
                    number % 2 == 0
                            ? Frames.content(gateway.ask("clock", user).body())
                            : Frames.text(gateway.ask("clock", user, "\"stream\":true").body()));
        }
        return null;
    }

    /// Waits until so many more runs are answered.
    private void awaitAnswers(int more) {
        int all = answers.size() + more;
        await().atMost(SOON).until(() -> answers.size() >= all);
    }

    private static double ended(Gateway worker) {
        return worker.metric("sluice_runs_seconds_count");
    }

    private static JsonNode queue(Gateway gateway) {
        return JsonMapper.shared()
                .readTree(
                        gateway.send(
                                        gateway.request("/admin/queue")
                                                .setHeader("Authorization", "Bearer sk-ops"))
                                .body());
    }

    private static void assertFleet(Gateway gateway, int workers) {
        JsonNode queue = queue(gateway);
        assertThat(queue.at("/workers")).hasSize(workers);
        assertThat(queue.at("/slots/total").asInt()).isEqualTo(workers * SLOTS);
    }

    private void assertThatEachOrderCameOnce() {
        int orders = asked.get();
        assertThat(answers).hasSize(orders);
        answers.forEach((number, answer) ->
                assertThat(answer)
                        .isEqualTo(
                                "Order k%d holds item-k%d and nothing else"
                                        .formatted(number, number)));
        Map<String, Long> turns =
                sluice.asked().stream()
                        .collect(
                                groupingBy(
                                        request ->
                                                request.body().at("/messages/0/content").asString(),
                                        counting()));
        assertThat(turns).hasSize(orders).allSatisfy((_, times) -> assertThat(times).isEqualTo(2));
        assertThat(sluice.toolCalls())
                .hasSize(orders)
                .extracting(ToolInvocation::arguments)
                .doesNotHaveDuplicates();
    }
}
