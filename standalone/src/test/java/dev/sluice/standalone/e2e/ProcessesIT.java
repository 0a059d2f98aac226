package dev.sluice.standalone.e2e;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.embedded.mcp.ToolInvocation;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.RoleProcess;
import dev.sluice.standalone.e2e.fixture.Settings;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A gateway and two workers as processes of their own.
@WithSluice
class ProcessesIT {

    private static final int RUNS = 200;
    private static final int AT_ONCE = 40;
    private static final String SCRIPT =
            """
            pace: { first_token: 50ms, tokens_per_second: 50 }
            rules:
              - when: { user: 'order (\\w+)', tool_result: any }
                reply: { text: 'Order {{user.1}} holds {{tool_result}} and nothing else' }
              - when: { user: 'order (\\w+)' }
                reply:
                  tool_calls: [ { name: demo__echo, arguments: { text: 'item-{{user.1}}' } } ]
            """;

    private final Sluice sluice;

    ProcessesIT(Sluice sluice) {
        this.sluice = sluice;
    }

    @Test
    @Timeout(120)
    void twoWorkersShareTheRunsOfAGatewayAndOneOfThemLeavesInTheMiddle() throws Exception {
        sluice.script(SCRIPT);
        RoleProcess.Starting startingGateway = start("gateway");
        RoleProcess.Starting startingFirst = start("worker");
        RoleProcess.Starting startingSecond = start("worker");
        try (RoleProcess gateway = startingGateway.ready();
                RoleProcess first = startingFirst.ready();
                RoleProcess second = startingSecond.ready();
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            AtomicInteger answered = new AtomicInteger();
            Semaphore places = new Semaphore(AT_ONCE);
            List<CompletableFuture<String>> answers =
                    IntStream.range(0, RUNS)
                            .mapToObj(i ->
                                    CompletableFuture.supplyAsync(
                                            () -> {
                                                places.acquireUninterruptibly();
                                                try {
                                                    return ask(gateway.http(), i);
                                                } finally {
                                                    places.release();
                                                    answered.incrementAndGet();
                                                }
                                            },
                                            clients))
                            .toList();
            await().atMost(Duration.ofSeconds(60)).until(() -> answered.get() >= RUNS / 3);
            assertThat(ended(second)).isPositive();
            assertThat(second.terminate()).isZero();
            assertThat(answered.get()).as("in the middle").isLessThan(RUNS);
            for (int i = 0; i < RUNS; i++) {
                assertThat(answers.get(i).join())
                        .isEqualTo("Order k%d holds item-k%d and nothing else".formatted(i, i));
            }
            assertThat(ended(first)).isPositive();
            assertThatNothingHappenedTwice();
            await().untilAsserted(() ->
                    assertThat(gateway.http().metric("sluice_gateway_waiting")).isZero());
            assertThat(first.terminate()).isZero();
            assertThat(gateway.terminate()).isZero();
        } finally {
            startingGateway.process().destroyForcibly();
            startingFirst.process().destroyForcibly();
            startingSecond.process().destroyForcibly();
        }
    }

    private void assertThatNothingHappenedTwice() {
        Map<String, Long> asked =
                sluice.asked(2 * RUNS).stream()
                        .collect(
                                groupingBy(
                                        request ->
                                                request.body().at("/messages/0/content").asString(),
                                        counting()));
        assertThat(asked).hasSize(RUNS).allSatisfy((_, times) -> assertThat(times).isEqualTo(2));
        assertThat(sluice.toolCalls())
                .hasSize(RUNS)
                .extracting(ToolInvocation::arguments)
                .doesNotHaveDuplicates();
    }

    private RoleProcess.Starting start(String role) throws IOException {
        Settings settings =
                sluice.settings("processes")
                        .with("worker", "{ port: 0, concurrency: 16, drain_timeout: 20s }");
        return RoleProcess.start(role, settings, sluice.data().resolve("processes"));
    }

    /// How many runs a worker has brought to their end.
    private static double ended(RoleProcess worker) {
        return worker.http().metric("sluice_runs_seconds_count");
    }

    /// The text of the answer; every other client streams.
    private static String ask(Gateway gateway, int i) {
        String user = "order k" + i;
        if (i % 2 == 0) {
            return Frames.content(gateway.ask("clock", user).body());
        }
        String stream = gateway.ask("clock", user, "\"stream\":true").body();
        assertThat(stream).endsWith("data: [DONE]\n\n");
        return Frames.text(stream);
    }
}
