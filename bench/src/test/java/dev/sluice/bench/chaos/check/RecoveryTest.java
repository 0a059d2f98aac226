package dev.sluice.bench.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.chaos.fault.FaultKind;
import dev.sluice.bench.chaos.fault.Struck;
import dev.sluice.bench.chaos.seen.Trail;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecoveryTest {
    private static final Instant KILL = Instant.ofEpochSecond(100);
    private static final Struck FAULT =
            new Struck(FaultKind.WORKER_KILL, KILL, "worker-a", Duration.ofSeconds(2));

    private static LoggedRun run(LoggedRun.Attempt... attempts) {
        return new LoggedRun(
                Arrays.asList(attempts), Trail.NONE, List.of(), List.of(), null, false, List.of());
    }

    private static LoggedRun.Attempt attempt(int number, String worker, double started) {
        Instant at = KILL.plusMillis((long) (started * 1000));
        return new LoggedRun.Attempt(number, worker, at, at.plusMillis(500));
    }

    private static Recovery of(LoggedRun... runs) {
        return Recovery.of(FaultKind.WORKER_KILL, List.of(FAULT), Arrays.asList(runs));
    }

    @Test
    void itLastsFromTheKillToTheNextAttempt() {
        Recovery recovery = of(run(attempt(1, "worker-a", -5), attempt(2, "worker-b", 3)));

        assertThat(recovery.takenUp()).containsExactly(Duration.ofSeconds(3));
        assertThat(recovery.spoke()).containsExactly(Duration.ofMillis(3_500));
    }

    @Test
    void runsOfOthersAreNotCounted() {
        Recovery recovery =
                of(
                        run(attempt(1, "worker-b", -5), attempt(2, "worker-c", 3)),
                        run(attempt(1, "worker-a", -9), attempt(2, "worker-b", -3)),
                        run(attempt(1, "worker-b", -9), attempt(2, "worker-a", 3)),
                        run(attempt(1, "worker-a", -5)));

        assertThat(recovery.takenUp()).isEmpty();
    }

    @Test
    void faultsOfOtherKindsAreNotCounted() {
        List<LoggedRun> runs = List.of(run(attempt(1, "worker-a", -5), attempt(2, "worker-b", 3)));

        assertThat(Recovery.of(FaultKind.WORKER_PAUSE, List.of(FAULT), runs).takenUp()).isEmpty();
    }

    @Test
    void percentilesAreValuesThatWereMeasured() {
        List<Duration> hundred =
                IntStream.rangeClosed(1, 100).mapToObj(Duration::ofSeconds).toList();

        assertThat(Recovery.percentile(hundred, 0.5)).isEqualTo(Duration.ofSeconds(50));
        assertThat(Recovery.percentile(hundred, 0.99)).isEqualTo(Duration.ofSeconds(99));
        assertThat(Recovery.percentile(hundred, 1)).isEqualTo(Duration.ofSeconds(100));
        assertThat(Recovery.percentile(hundred.subList(0, 1), 0.5))
                .isEqualTo(Duration.ofSeconds(1));
    }
}
