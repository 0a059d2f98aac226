package dev.sluice.standalone.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static final byte[] USAGE =
            "{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}".getBytes(UTF_8);

    private final Tally tally = new Tally();

    private static long seconds(int seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }

    @Test
    void eachJobCountsOnceAndOthersDoNot() {
        tally.submitted("a", 0);
        tally.submitted("a", seconds(1));
        tally.submitted("b", 0);

        tally.came("a", "completed", USAGE, seconds(2));
        tally.came("a", "completed", USAGE, seconds(3));
        tally.came("other", "failed", USAGE, seconds(3));
        tally.came(null, "refused", null, seconds(3));

        assertThat(tally.count()).isEqualTo(1);
        assertThat(tally.left()).isEqualTo(1);
        assertThat(tally.failed()).isZero();
    }

    @Test
    void theSummaryHasStatusesTokensAndTimes() {
        for (int i = 0; i < 20; i++) {
            tally.submitted("j" + i, 0);
            tally.came("j" + i, i == 0 ? "refused" : "completed", USAGE, seconds(i + 1));
        }

        assertThat(tally.summary())
                .containsExactly(
                        "results  20: 19 completed, 1 refused",
                        "tokens   200: 140 in, 60 out",
                        "time     p50 10.00 s, p95 19.00 s",
                        "refused  ./sluice dead-letters list says why");
        assertThat(tally.failed()).isEqualTo(1);
    }

    @Test
    void whatIsYetToComeIsSaid() {
        tally.submitted("a", 0);
        tally.submitted("b", 0);
        tally.came("a", "completed", USAGE, seconds(2));

        assertThat(tally.summary().getFirst()).isEqualTo("results  1 of 2: 1 completed");
    }

    @Test
    void withoutResultsThereIsNoTime() {
        assertThat(tally.summary())
                .containsExactly("results  0", "tokens   0: 0 in, 0 out", "time     p50 -, p95 -");
    }
}
