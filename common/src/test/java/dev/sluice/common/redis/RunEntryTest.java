package dev.sluice.common.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.redis.RunEntry.Offer;
import dev.sluice.common.run.Lane;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunEntryTest {
    @ParameterizedTest
    @CsvSource({"0:7, INTERACTIVE, 0, 7", "batch:3:12345678901, BATCH, 3, 12345678901"})
    void anOfferIsNamedWithItsLaneUnlessThatIsTheFirstThereWas(
            String text, Lane lane, int partition, long offset) {
        Offer offer = new Offer(lane, partition, offset);

        assertThat(offer).hasToString(text);
        assertThat(Offer.parse(text)).isEqualTo(offer);
    }
}
