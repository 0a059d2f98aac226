package dev.sluice.worker.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.config.ProviderConfig.Retries;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
    private static final Retries RETRIES =
            new Retries(9, Duration.ofMillis(100), Duration.ofSeconds(1));

    @ParameterizedTest
    @CsvSource({
        "1, 0.0, 75",
        "1, 0.5, 100",
        "1, 1.0, 125",
        "2, 0.5, 200",
        "4, 0.5, 800",
        "5, 0.5, 1000",
        "4, 1.0, 1000",
        "8, 0.0, 1000"
    })
    void waitsDoubleSpreadAndStopGrowing(int attempt, double jitter, long millis) {
        assertThat(new Backoff(RETRIES, () -> jitter).after(attempt, null))
                .isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void theLastAttemptIsNotFollowedByAnother() {
        assertThat(new Backoff(RETRIES, () -> 0).after(9, null)).isNull();
        assertThat(new Backoff(RETRIES, () -> 0).after(9, Duration.ZERO)).isNull();
    }

    @Test
    void whatTheProviderAsksForIsGivenUnlessItIsTooLong() {
        Backoff backoff = new Backoff(RETRIES, () -> 1);
        assertThat(backoff.after(1, Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(1));
        assertThat(backoff.after(1, Duration.ofMillis(1_001))).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "250, 9, PT0.25S",
        "1.5, , PT0.0015S",
        ", 2, PT2S",
        ", 0.5, PT0.5S",
        ", ' 3 ', PT3S",
        "x, 3, PT3S",
        ", 'Wed, 21 Oct 2026 07:28:10 GMT', PT10S",
        ", 'Wed, 21 Oct 2026 07:27:00 GMT', PT0S",
        ", -1, ",
        ", soon, ",
        ", 99999999999, ",
        ", , "
    })
    void retryAfterIsReadInEachOfItsForms(String millis, String retryAfter, Duration expected) {
        assertThat(RetryAfter.of(millis, retryAfter, Instant.parse("2026-10-21T07:28:00Z")))
                .isEqualTo(expected);
    }
}
