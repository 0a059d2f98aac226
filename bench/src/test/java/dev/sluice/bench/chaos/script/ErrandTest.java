package dev.sluice.bench.chaos.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ErrandTest {
    private static final Errand STEADY = new Errand("n", List.of(), "n a b", false);
    private static final Errand WAVERING = new Errand("n", List.of(), "n a #0 b #0 c #0", true);

    @Test
    void aSteadyErrandHasOneText() {
        assertThat(STEADY.matches("n a b", "n a b")).isTrue();
        assertThat(STEADY.matches("n a b", "n a  b")).isFalse();
    }

    @Test
    void aWaveringErrandHasTheTextOfOneRequest() {
        String expected = WAVERING.lastText(List.of());

        assertThat(WAVERING.matches(expected, "n a #17 b #17 c #17")).isTrue();
        assertThat(WAVERING.matches(expected, "n a #17 b #18 c #18")).isFalse();
        assertThat(WAVERING.matches(expected, "n a #17 b c #17")).isFalse();
        assertThat(WAVERING.matches(expected, "n a b c")).isFalse();
    }

    @Test
    void thePromptOfAWaveringErrandLeavesTheNumbersToTheModel() {
        assertThat(WAVERING.prompt()).isEqualTo("run n wavering: n a % b % c");
    }
}
