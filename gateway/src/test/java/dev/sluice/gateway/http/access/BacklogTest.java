package dev.sluice.gateway.http.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.Unavailable;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BacklogTest {
    private static final RunId FIRST = RunId.at(1);
    private static final RunId SECOND = RunId.at(2);

    /// Begins close to where such a clock overflows.
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1_000);

    private final Backlog backlog = new Backlog(Duration.ofSeconds(30), clock::get);

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    private static RunRequest request(RunId run, Lane lane) {
        return new RunRequest(
                run,
                "agent",
                null,
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                RunRequest.OnDisconnect.CANCEL,
                false,
                lane,
                0,
                0,
                0,
                Instant.EPOCH,
                Instant.EPOCH);
    }

    private boolean add(RunId run, Lane lane) {
        return backlog.add(request(run, lane));
    }

    private static Failure busy(long seconds) {
        return new Unavailable(Unavailable.Reason.WORKERS_BUSY, Duration.ofSeconds(seconds));
    }

    @Test
    void nobodyIsRefusedWhileNobodyWaitsTooLong() {
        assertThat(backlog.refusal(Lane.INTERACTIVE)).isNull();
        assertThat(add(FIRST, Lane.INTERACTIVE)).isTrue();
        pass(Duration.ofSeconds(30));

        assertThat(backlog.oldest()).isEqualTo(Duration.ofSeconds(30));
        assertThat(backlog.refusal(Lane.INTERACTIVE)).isNull();
    }

    @Test
    void whileTheOldestWaitsTooLongInteractiveRunsAreRefusedForAsLongAndBatchRunsAreNot() {
        add(FIRST, Lane.INTERACTIVE);
        pass(Duration.ofSeconds(31));
        add(SECOND, Lane.INTERACTIVE);

        assertThat(backlog.refusal(Lane.INTERACTIVE)).isEqualTo(busy(31));
        assertThat(backlog.refusal(Lane.BATCH)).isNull();
        pass(Duration.ofHours(1));
        assertThat(backlog.refusal(Lane.INTERACTIVE)).isEqualTo(busy(60));
    }

    @Test
    void whenTheOldestIsBegunTheNextOneIsTheMeasure() {
        add(FIRST, Lane.INTERACTIVE);
        pass(Duration.ofSeconds(20));
        add(SECOND, Lane.INTERACTIVE);
        pass(Duration.ofSeconds(20));
        assertThat(backlog.refusal(Lane.INTERACTIVE)).isEqualTo(busy(40));

        backlog.remove(FIRST);
        backlog.remove(FIRST);

        assertThat(backlog.refusal(Lane.INTERACTIVE)).isNull();
        pass(Duration.ofSeconds(11));
        assertThat(backlog.refusal(Lane.INTERACTIVE)).isEqualTo(busy(31));
        backlog.remove(SECOND);
        assertThat(backlog.refusal(Lane.INTERACTIVE)).isNull();
        assertThat(backlog.oldest()).isZero();
    }

    @Test
    void batchRunsDoNotBelongHere() {
        assertThat(add(FIRST, Lane.BATCH)).isFalse();
        pass(Duration.ofHours(1));

        assertThat(backlog.oldest()).isZero();
        assertThat(backlog.refusal(Lane.INTERACTIVE)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"100, 200, 1000", "100, 2500, 2500", "100, 99000, 60000"})
    void aClientIsToldToComeBackAfterASecondAtTheLeastAndAMinuteAtTheMost(
            long longest, long waited, long retryAfter) {
        Backlog impatient = new Backlog(Duration.ofMillis(longest), clock::get);
        impatient.add(request(FIRST, Lane.INTERACTIVE));
        pass(Duration.ofMillis(waited));

        assertThat(impatient.refusal(Lane.INTERACTIVE))
                .isEqualTo(
                        new Unavailable(
                                Unavailable.Reason.WORKERS_BUSY, Duration.ofMillis(retryAfter)));
    }
}
