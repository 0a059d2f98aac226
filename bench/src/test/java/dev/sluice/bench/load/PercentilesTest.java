package dev.sluice.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class PercentilesTest {
    @Test
    void theyAreMillisecondsOfWhatWasRecordedInNanoseconds() {
        var histogram = new Histogram(3);
        LongStream.rangeClosed(1, 100)
                .map(TimeUnit.MILLISECONDS::toNanos)
                .forEach(histogram::recordValue);

        Percentiles percentiles = Percentiles.of(histogram);

        assertThat(percentiles.count()).isEqualTo(100);
        assertThat(percentiles.p50()).isCloseTo(50, within(0.1));
        assertThat(percentiles.p95()).isCloseTo(95, within(0.1));
        assertThat(percentiles.p99()).isCloseTo(99, within(0.1));
        assertThat(percentiles.max()).isCloseTo(100, within(0.1));
    }

    @Test
    void theMedianOfRoundsIsThatOfEachPercentile() {
        Percentiles median =
                Percentiles.median(
                        List.of(
                                new Percentiles(10, 1, 5, 9, 90),
                                new Percentiles(10, 3, 4, 7, 70),
                                new Percentiles(10, 2, 6, 8, 80)));

        assertThat(median).isEqualTo(new Percentiles(30, 2, 5, 8, 80));
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
        assertThat(Percentiles.median(List.of(8, 1, 2, 4), n -> n)).isEqualTo(3);
    }

    @Test
    void aDifferenceIsThatOfEachPercentile() {
        assertThat(new Percentiles(9, 3, 4, 7, 10).minus(new Percentiles(5, 1, 1, 8, 3)))
                .isEqualTo(new Percentiles(5, 2, 3, -1, 7));
    }
}
