package dev.sluice.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlternationTest {
    @Test
    void everyRoundMeasuresEverySideOnceInAnOrderThatRotates() throws Exception {
        List<String> order = new ArrayList<>();

        Alternation<String, String, Integer> measured =
                Alternation.of(
                        3,
                        List.of("load"),
                        List.of("a", "b", "c"),
                        (_, side, round) -> {
                            order.add(side);
                            return round;
                        });

        assertThat(order).containsExactly("a", "b", "c", "b", "c", "a", "c", "a", "b");
        assertThat(measured.of("load", "b")).containsExactly(0, 1, 2);
    }
}
