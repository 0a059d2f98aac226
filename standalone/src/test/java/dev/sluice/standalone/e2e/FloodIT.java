package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.Runs;
import dev.sluice.standalone.e2e.fixture.Settings;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/// A flood of batch runs beside a steady rate of requests that somebody waits for. With
/// `-Dsluice.flood=5000`, on a machine that has nothing else to do, it is the flood that is
/// promised to move their p95 by no more than half, and takes minutes. Without, it shows only that
/// they do not stand behind the flood, where they would wait for many seconds.
///
/// What is tried is who waits for whom, not how much one machine does at once: client, gateway,
/// broker, worker and model share its processors. So the flood comes at a rate, and few slots
/// execute it.
@WithSluice
@Timeout(300)
class FloodIT {
    private static final int FLOOD = Integer.getInteger("sluice.flood", 500);
    private static final boolean MEASURES = Integer.getInteger("sluice.flood") != null;
    private static final Duration MODEL = Duration.ofMillis(200);
    private static final int SLOTS = 32;

    /// As many as batch runs may take.
    private static final int BATCH = SLOTS / 4;

    private static final int SAMPLES = 40;
    private static final Duration EVERY = Duration.ofMillis(100);
    private static final Duration BATCH_EVERY = Duration.ofMillis(5);

    private final Sluice sluice;

    FloodIT(Sluice sluice) {
        this.sluice = sluice;
    }

    /// A fleet of its own, apart from the one that the other tests share.
    private Settings settings() {
        String redis = sluice.settings().sections().getOrDefault("redis", "");
        return sluice.settings()
                .with("redis", redis.replace("}", ", key_prefix: flood }"))
                .with(
                        "kafka",
                        "{ bootstrap_servers: '%s', topic_prefix: flood }"
                                .formatted(sluice.bootstrapServers()))
                .with("worker", "{ port: 0, drain_timeout: 5s, concurrency: %d }".formatted(SLOTS));
    }

    @Test
    void aFloodOfBatchRunsDoesNotHoldUpThoseWhomSomebodyWaitsFor(TestReporter reporter)
            throws Exception {
        sluice.script(
                "pace: { first_token: %dms }\nfallback: { text: hi }".formatted(MODEL.toMillis()));
        try (Gateway worker = sluice.worker(settings());
                Gateway gateway = sluice.gateway(settings())) {
            double before = ended(worker);
            flood(gateway, BATCH);
            p95(gateway);
            long alone = p95(gateway);
            // Where all wait for a processor that something else keeps busy, nothing can be told.
            assumeThat(alone).as("p95 in ms, without a flood").isLessThan(2 * MODEL.toMillis());

            FutureTask<Void> flood = new FutureTask<>(() -> flood(gateway, FLOOD), null);
            Thread.ofVirtual().start(flood);
            await().until(() -> worker.metric("sluice_worker_slots_used") >= BATCH);
            long comingIn = p95(gateway);
            flood.get(2, TimeUnit.MINUTES);
            long queued = p95(gateway);
            double all = before + 4 * SAMPLES + BATCH + FLOOD;
            double left = all - ended(worker);

            reporter.publishEntry(
                    Map.of(
                            "p95_ms_alone", String.valueOf(alone),
                            "p95_ms_while_it_comes_in", String.valueOf(comingIn),
                            "p95_ms_while_it_waits", String.valueOf(queued),
                            "batch_runs_left", String.valueOf(left)));
            assertThat(left).as("runs left: the flood outlasts what is measured").isPositive();
            long most = MEASURES ? alone * 3 / 2 : alone + 5 * MODEL.toMillis();
            assertThat(List.of(comingIn, queued))
                    .as("p95 in ms, of %d alone", alone)
                    .allSatisfy(p95 -> assertThat(p95).isLessThan(most));
            await().atMost(Duration.ofMinutes(3)).until(() -> ended(worker) == all);
            assertThat(worker.metric("sluice_runs_seconds_count{outcome=\"completed\"}"))
                    .isEqualTo(all);
        }
    }

    private static double ended(Gateway worker) {
        return worker.metric("sluice_runs_seconds_count");
    }

    /// The 95th percentile in milliseconds of requests that are sent at a fixed rate, whatever
    /// becomes of those before.
    private static long p95(Gateway gateway) {
        List<CompletableFuture<Long>> took = new ArrayList<>();
        HttpRequest request = gateway.chat(Gateway.body("plain", "hi")).build();
        atRate(
                SAMPLES,
                EVERY,
                due ->
                        took.add(
                                send(gateway, request, 200)
                                        .thenApply(_ -> (System.nanoTime() - due) / 1_000_000)));
        List<Long> sorted = took.stream().map(CompletableFuture::join).sorted().toList();
        return sorted.get((int) Math.ceil(SAMPLES * 0.95) - 1);
    }

    private static void flood(Gateway gateway, int count) {
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        HttpRequest request =
                Runs.of(gateway).post("plain", "hi", "\"priority\":\"batch\"").build();
        atRate(count, BATCH_EVERY, _ -> sent.add(send(gateway, request, 202)));
        sent.forEach(CompletableFuture::join);
    }

    private static void atRate(int times, Duration every, LongConsumer action) {
        long begin = System.nanoTime();
        for (int i = 0; i < times; i++) {
            long due = begin + i * every.toNanos();
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            action.accept(due);
        }
    }

    private static CompletableFuture<Void> send(Gateway gateway, HttpRequest request, int status) {
        return gateway.http()
                .sendAsync(request, BodyHandlers.ofString())
                .thenAccept(answer ->
                        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status));
    }
}
