package dev.sluice.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private final Table table = new Table(1, "side", "p50", "p99");

    @Test
    void textGoesToTheLeftAndNumbersToTheRight() {
        table.row(List.of("direct", Table.number(1.234, 2), Table.number(12_345.6, 1)));
        table.row(List.of("echo", "", "7"));

        assertThat(table.lines())
                .containsExactly(
                        "side     p50       p99", //
                        "direct  1.23  12,345.6",
                        "echo                 7");
    }

    @Test
    void aZeroHasNoSign() {
        assertThat(Table.number(-0.004, 2)).isEqualTo("0.00");
        assertThat(Table.number(-0.006, 2)).isEqualTo("-0.01");
    }

    @Test
    void aRowHasAsManyCellsAsTheHeader() {
        assertThatThrownBy(() -> table.row(List.of("direct", "1")))
                .hasMessageContaining("does not fit");
    }
}
