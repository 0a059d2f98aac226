package dev.sluice.standalone.e2e;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.embedded.mcp.ToolInvocation;
import dev.sluice.embedded.model.Received;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.Runs;
import dev.sluice.standalone.e2e.fixture.Settings;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A fleet that grows from one worker to four and shrinks again while clients ask in both lanes.
@WithSluice
@Tag("load")
@Timeout(180)
class ScaleIT {
    private static final String IDEMPOTENCY_KEY = "dev.sluice/idempotency-key";
    private static final int CLIENTS = 64;
    private static final int SLOTS = 8;
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final Duration AT_ONCE = Duration.ofSeconds(5);
    private static final String SCRIPT =
            """
            journal: 10000
            pace: { first_token: 100ms, tokens_per_second: 20 }
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
        return sluice.settings("scale")
                .with(
                        "worker",
                        // Less than a run takes: those that leave have theirs cut off.
                        "{ port: 0, drain_timeout: 200ms, concurrency: %d }".formatted(SLOTS));
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
                int client = i;
                asking.add(clients.submit(() -> ask(gateway, client)));
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
                Set<String> before = workers(gateway, 0);
                more.add(sluice.worker(settings()));
                await("a newcomer uses its slots")
                        .atMost(AT_ONCE)
                        .until(() -> !before.containsAll(workers(gateway, SLOTS)));
            }
            assertFleet(gateway, 4);
            awaitAnswers(150);

            Set<Integer> undisturbed = Set.copyOf(answers.keySet());
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

            assertThatEachOrderCameOnce(undisturbed);
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

    /// Half of the clients submit batch runs; of the others, every other one streams.
    private void ask(Gateway gateway, int client) {
        while (!enough) {
            int number = asked.getAndIncrement();
            String user = "order k" + number;
            answers.put(
                    number,
                    switch (client % 4) {
                        case 0 -> Frames.content(gateway.ask("clock", user).body());
                        case 1 -> Frames.text(gateway.ask("clock", user, "\"stream\":true").body());
                        default -> batch(Runs.of(gateway), user);
                    });
        }
    }

    private static String batch(Runs runs, String user) {
        String run = runs.start("clock", user, "\"priority\":\"batch\"").at("/id").asString();
        runs.events(run);
        return runs.one(run).at("/result/message/content").asString();
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

    /// The workers that use so many slots, or more.
    private static Set<String> workers(Gateway gateway, int used) {
        return queue(gateway)
                .at("/workers")
                .valueStream()
                .filter(worker -> worker.at("/used").asInt() >= used)
                .map(worker -> worker.at("/id").asString())
                .collect(toSet());
    }

    private static void assertFleet(Gateway gateway, int workers) {
        JsonNode queue = queue(gateway);
        assertThat(queue.at("/workers")).hasSize(workers);
        assertThat(queue.at("/slots/total").asInt()).isEqualTo(workers * SLOTS);
    }

    /// A run that was cut off in a turn takes that turn again, and only that.
    ///
    /// @param undisturbed the orders that had been answered before a worker left
    private void assertThatEachOrderCameOnce(Set<Integer> undisturbed) {
        int orders = asked.get();
        assertThat(answers).hasSize(orders);
        answers.forEach((number, answer) ->
                assertThat(answer)
                        .isEqualTo(
                                "Order k%d holds item-k%d and nothing else"
                                        .formatted(number, number)));
        Map<Integer, Long> turns =
                sluice.asked().stream().collect(groupingBy(ScaleIT::order, counting()));
        assertThat(turns).hasSize(orders);
        turns.forEach((order, times) -> {
            if (undisturbed.contains(order)) {
                assertThat(times).as("turns of order %d", order).isEqualTo(2);
            } else {
                assertThat(times).as("turns of order %d", order).isGreaterThanOrEqualTo(2);
            }
        });
        assertThat(turns.values()).as("some were cut off").anyMatch(times -> times > 2);
        Map<String, List<ToolInvocation>> calls =
                sluice.toolCalls().stream()
                        .collect(groupingBy(call -> String.valueOf(call.arguments().get("text"))));
        assertThat(calls).hasSize(orders);
        calls.forEach((item, those) -> {
            // A call that was under way when its worker left is made again under the same key: it
            // reads only.
            assertThat(those.stream().map(call -> call.meta().get(IDEMPOTENCY_KEY)).distinct())
                    .as(item)
                    .hasSize(1)
                    .doesNotContainNull();
            if (undisturbed.contains(Integer.parseInt(item.substring("item-k".length())))) {
                assertThat(those).as(item).hasSize(1);
            }
        });
    }

    private static int order(Received asked) {
        String user = asked.body().at("/messages/0/content").asString();
        return Integer.parseInt(user.substring(user.indexOf('k') + 1));
    }
}
