package dev.sluice.embedded.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalculatorTest {

    @ParameterizedTest
    @CsvSource({
        "12*7, 84",
        "1 + 2 * 3, 7",
        "(1 + 2) * 3, 9",
        "10 - 4 - 3, 3",
        "2^3^2, 512",
        "-2^2, -4",
        "2^-1, 0.5",
        "--3, 3",
        "10 % 4, 2",
        "0.1 + 0.2, 0.3",
        "1/8, 0.125",
        "2^0.5, 1.4142135623730951",
        "100, 100",
        "6 ÷ 2 × 5, 15",
        "10^50, 1E+50",
    })
    void expressionsHaveTheirUsualValues(String expression, String value) throws Exception {
        assertThat(Calculator.evaluate(expression)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "1/0, Division by zero",
        "1 %  0, Division by zero",
        "0^-1, Division by zero",
        "2 +, ends too early",
        "(1, ends too early",
        "1 2, Unexpected '2' at character 3",
        "abc, Unexpected 'a' at character 1",
        "1.2.3, Unexpected '1'",
        "2^10000, exponent is larger",
        "(0-8)^0.5, not a real number",
        "((9^9999)^9999)^9999^2, is",
        "'', ends too early",
    })
    void whatCannotBeWorkedOutIsSaid(String expression, String message) {
        assertThatThrownBy(() -> Calculator.evaluate(expression))
                .isInstanceOf(ToolFailure.class)
                .hasMessageContaining(message);
    }

    @Test
    void deepNestingIsRefusedBeforeItOverflows() {
        assertThatThrownBy(() -> Calculator.evaluate("(".repeat(100_000)))
                .isInstanceOf(ToolFailure.class);
        assertThatThrownBy(() -> Calculator.evaluate("(".repeat(1000)))
                .isInstanceOf(ToolFailure.class);
    }
}
