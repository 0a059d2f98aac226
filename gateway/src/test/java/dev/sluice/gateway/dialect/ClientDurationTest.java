package dev.sluice.gateway.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientDurationTest {
    @ParameterizedTest
    @CsvSource({"30, PT30S", "30s, PT30S", "500ms, PT0.5S", "5m, PT5M", "2h, PT2H"})
    void aNumberWithAUnitIsADuration(String text, Duration duration) {
        assertThat(ClientDuration.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0ms", "-1s", "1.5s", "5d", "1m30s", "soon", "9999999999"})
    void anythingElseIsNone(String text) {
        assertThat(ClientDuration.parse(text)).isNull();
    }
}
