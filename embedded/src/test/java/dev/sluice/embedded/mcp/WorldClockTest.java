package dev.sluice.embedded.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorldClockTest {

    private final WorldClock worldClock =
            new WorldClock(Clock.fixed(Instant.parse("2026-03-01T20:30:00Z"), ZoneOffset.UTC));

    @Test
    void theTimeIsToldWithDateZoneAndOffset() throws Exception {
        assertThat(worldClock.time("Tokyo", null))
                .isEqualTo("05:30 on Monday 2 March 2026 (Asia/Tokyo, UTC+09:00)");
    }

    @ParameterizedTest
    @CsvSource({
        "tokyo, Asia/Tokyo",
        "New York, America/New_York",
        "são paulo, America/Sao_Paulo",
        "San Francisco, America/Los_Angeles",
        "'Paris, France', Europe/Paris",
        "' BERLIN ', Europe/Berlin",
        "Beijing, Asia/Shanghai",
        "Europe/Oslo, Europe/Oslo",
        "St. John's, America/St_Johns",
        "Zürich, Europe/Zurich",
        "london, Europe/London",
    })
    void citiesAndZonesAreFound(String city, String zone) throws Exception {
        assertThat(worldClock.time(city, null)).contains("(" + zone + ",");
        assertThat(worldClock.time("Nowhere", zone)).contains("(" + zone + ",");
    }

    @Test
    void anUnknownCityIsNamed() {
        assertThatThrownBy(() -> worldClock.time("Atlantis", null))
                .isInstanceOf(ToolFailure.class)
                .hasMessageContaining("Atlantis");
        assertThatThrownBy(() -> worldClock.time(" ", null)).isInstanceOf(ToolFailure.class);
    }
}
