package dev.sluice.worker.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseParserTest {
    private static final String STREAM =
            """
            \uFEFFdata: {"a":"ä€😀"}

            : a comment
            event: x
            data:no space
            data
            data:  two spaces
            id: 7
            database: not data

            retry: 10

            data:

            data: [DONE]

            data: unfinished
            """;

    private static final List<String> EVENTS =
            List.of("{\"a\":\"ä€😀\"}", "no space\n\n two spaces", "", "[DONE]");

    private final List<String> events = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void everySplitGivesTheSameEvents(String lineEnd) {
        byte[] bytes = STREAM.replace("\n", lineEnd).getBytes(UTF_8);
        for (int split = 0; split <= bytes.length; split++) {
            events.clear();
            SseParser parser = parser(1_000);

            assertThat(parser.feed(Arrays.copyOfRange(bytes, 0, split))).isTrue();
            assertThat(parser.feed(Arrays.copyOfRange(bytes, split, bytes.length))).isTrue();

            assertThat(events).as("split at %d", split).isEqualTo(EVENTS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void singleBytesGiveTheSameEvents(String lineEnd) {
        SseParser parser = parser(1_000);
        for (byte b : STREAM.replace("\n", lineEnd).getBytes(UTF_8)) {
            assertThat(parser.feed(new byte[] {b})).isTrue();
            assertThat(parser.feed(new byte[0])).isTrue();
        }
        assertThat(events).isEqualTo(EVENTS);
    }

    @Test
    void anEventIsHandedOnWithoutWaitingForTheLineFeedOfItsLastLineEnd() {
        parser(1_000).feed("data: x\r\n\r".getBytes(UTF_8));
        assertThat(events).containsExactly("x");
    }

    @Test
    void mixedLineEndsAreTaken() {
        parser(1_000).feed("data: a\rdata: b\ndata: c\r\n\n\rdata: d\r\r".getBytes(UTF_8));
        assertThat(events).containsExactly("a\nb\nc", "d");
    }

    @Test
    void aByteOrderMarkCountsAtTheBeginningOnly() {
        parser(1_000).feed("data: a\n\n\uFEFFdata: b\n\n".getBytes(UTF_8));
        assertThat(events).containsExactly("a");
    }

    @Test
    void aLineBeyondTheLimitIsRefusedBeforeItsEnd() {
        SseParser parser = parser(20);
        assertThat(parser.feed("data: 0123456789".getBytes(UTF_8))).isTrue();
        assertThat(parser.feed("0123456789".getBytes(UTF_8))).isFalse();
    }

    @Test
    void manyLinesOfOneEventBeyondTheLimitAreRefused() {
        SseParser parser = parser(20);
        assertThat(parser.feed("data: 0123\ndata: 4567\n".getBytes(UTF_8))).isTrue();
        assertThat(parser.feed("data: 0123\ndata: 4567\n\n".getBytes(UTF_8))).isFalse();
        assertThat(events).isEmpty();
    }

    @Test
    void theLimitIsOfOneEventAndNotOfTheStream() {
        SseParser parser = parser(20);
        for (int i = 0; i < 100; i++) {
            assertThat(parser.feed("data: 01234\n\n".getBytes(UTF_8))).isTrue();
        }
        assertThat(events).hasSize(100);
    }

    private SseParser parser(int limit) {
        return new SseParser(
                limit,
                (bytes, offset, length) -> events.add(new String(bytes, offset, length, UTF_8)));
    }
}
