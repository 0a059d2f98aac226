package dev.sluice.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "512, 512, 512",
        "512B, 512, 512",
        "64KiB, 65536, 64KiB",
        "8 MiB, 8388608, 8MiB",
        "1GiB, 1073741824, 1GiB",
        "64KB, 64000, 64000",
        "8MB, 8000000, 8000000",
        "1GB, 1000000000, 1000000000",
        "1024, 1024, 1KiB"
    })
    void aSizeIsReadAndPrinted(String text, long bytes, String printed) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
        assertThat(ByteSize.parse(text)).hasToString(printed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5MiB", "8M", "8mib", "MiB", "999999999999999999GiB"})
    void whatIsNoSizeIsRefused(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text)).isInstanceOf(RuntimeException.class);
    }

    @Test
    void anIntIsNeverExceeded() {
        assertThat(ByteSize.parse("5GiB").toInt()).isEqualTo(Integer.MAX_VALUE);
    }
}
