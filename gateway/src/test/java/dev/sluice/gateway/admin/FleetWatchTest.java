package dev.sluice.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.redis.FleetStates.Queue;
import dev.sluice.common.redis.FleetStates.Seen;
import dev.sluice.common.run.Lane;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FleetWatchTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Duration now = Duration.ofDays(-1);
    private CompletionStage<Seen> answer =
            CompletableFuture.completedFuture(
                    new Seen(
                            Map.of(Lane.BATCH, new Queue(7, Duration.ofMillis(1_500), 2)),
                            List.of()));
    private final FleetWatch watch = new FleetWatch(() -> answer, registry, () -> now.toNanos());

    private double waiting() {
        return registry.get("sluice.queue.waiting").tag("lane", "batch").gauge().value();
    }

    @Test
    void beforeTheFirstLookMetricsAreNoNumber() {
        assertThat(waiting()).isNaN();
    }

    @Test
    void metricsSayWhatWasSeen() {
        watch.refresh();

        assertThat(waiting()).isEqualTo(7);
        assertThat(registry.get("sluice.queue.demand").tag("lane", "batch").gauge().value())
                .isEqualTo(9);
        assertThat(
                        registry.get("sluice.queue.oldest.wait")
                                .tag("lane", "batch")
                                .timeGauge()
                                .value(TimeUnit.MILLISECONDS))
                .isEqualTo(1_500);
    }

    @Test
    void whatWasSeenCountsForFiveSecondsWhileNothingElseIs() {
        watch.refresh();
        answer = CompletableFuture.failedFuture(new IllegalStateException("Redis is away"));

        now = now.plusSeconds(5);
        watch.refresh();
        assertThat(waiting()).isEqualTo(7);

        now = now.plusNanos(1);
        assertThat(waiting()).isNaN();

        answer = CompletableFuture.completedFuture(new Seen(Map.of(), List.of()));
        watch.refresh();
        assertThat(waiting()).isZero();
    }
}
