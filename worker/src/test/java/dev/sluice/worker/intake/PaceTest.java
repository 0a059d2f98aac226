package dev.sluice.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
    private final Pace pace = new Pace();

    private double at(Duration when) {
        return pace.perSecond(when.toNanos());
    }

    private void count(int times) {
        for (int i = 0; i < times; i++) {
            pace.count();
        }
    }

    @Test
    void untilThereIsASpanOfTimeThereIsNoRate() {
        count(3);

        assertThat(at(Duration.ofSeconds(7))).isZero();
    }

    @Test
    void theRateIsThatSinceItWasFirstAsked() {
        at(Duration.ofSeconds(7));
        count(3);

        assertThat(at(Duration.ofSeconds(9))).isEqualTo(1.5);
        assertThat(at(Duration.ofSeconds(10))).isEqualTo(1);
    }

    @Test
    void whatIsLongAgoCountsNoMore() {
        at(Duration.ZERO);
        count(100);
        for (int second = 1; second <= 10; second++) {
            at(Duration.ofSeconds(second));
        }
        count(5);

        assertThat(at(Duration.ofSeconds(11))).isEqualTo(0.5);
        assertThat(at(Duration.ofSeconds(60))).isLessThan(0.2);
    }
}
