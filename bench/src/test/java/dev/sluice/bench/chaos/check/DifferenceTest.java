package dev.sluice.bench.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DifferenceTest {
    @Test
    void itSaysWhereTextsPart() {
        assertThat(Difference.of("one two", "one\ntoo"))
                .isEqualTo("from character 3 of 7 on there is '\\ntoo' instead of ' two' (of 7)");
    }

    @Test
    void oneTextMayEndWhereTheOtherGoesOn() {
        assertThat(Difference.of("one two", "one"))
                .isEqualTo("from character 3 of 3 on there is '' instead of ' two' (of 7)");
    }
}
