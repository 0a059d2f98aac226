package dev.sluice.gateway.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EventIdTest {
    @Test
    void anIdIsReadAsItIsWritten() {
        EventId id = new EventId(7, 123_456_789_012L);
        assertThat(id).hasToString("7-123456789012");
        assertThat(EventId.parse("7-123456789012")).contains(id);
        assertThat(id.located()).isTrue();
    }

    @Test
    void aNumberAloneDoesNotSayWhereTheEventStands() {
        assertThat(EventId.parse("7"))
                .hasValueSatisfying(id -> {
                    assertThat(id.seq()).isEqualTo(7);
                    assertThat(id.located()).isFalse();
                    assertThat(id).hasToString("7");
                });
        assertThat(EventId.parse("0")).contains(EventId.START);
        assertThat(EventId.parse("0-5").orElseThrow().located()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "-1",
                "1-",
                "-",
                "1-2-3",
                "1.5",
                " 1",
                "1-x",
                "1234567890123456789"
            })
    void anythingElseIsNoId(String text) {
        assertThat(EventId.parse(text)).isEmpty();
    }
}
