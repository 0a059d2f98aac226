package dev.sluice.bench.chaos.seen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Usage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChatReadingTest {
    private static final String RUN = "run_1";
    private static final SseFrame ROLE = chunk(1, "{\"delta\":{\"role\":\"assistant\"}}");
    private static final SseFrame FIRST = text(1, "Hel");
    private static final SseFrame SECOND = text(2, "lo");
    private static final SseFrame REASON = chunk(4, "{\"delta\":{},\"finish_reason\":\"stop\"}");
    private static final SseFrame USAGE =
            new SseFrame(
                    "4-40",
                    "",
                    "{\"choices\":[],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":2}}");
    private static final SseFrame DONE = new SseFrame("", "", "[DONE]");

    private final ChatReading reading = new ChatReading(RUN);

    @BeforeEach
    void connect() {
        reading.connected();
    }

    private static SseFrame text(long seq, String text) {
        return chunk(seq, "{\"delta\":{\"content\":\"" + text + "\"},\"finish_reason\":null}");
    }

    private static SseFrame chunk(long seq, String choice) {
        return new SseFrame(
                seq + "-" + seq * 10, "", "{\"choices\":[" + choice + "],\"usage\":null}");
    }

    private Sighting read(SseFrame... frames) {
        List.of(frames).forEach(reading::read);
        return reading.sighting();
    }

    @Test
    void aWholeStreamIsReadOverSeveralConnections() {
        read(ROLE, FIRST);
        reading.connected();

        Sighting sighting = read(SECOND, REASON, USAGE, DONE);

        assertThat(sighting)
                .isEqualTo(
                        new Sighting(
                                Sighting.As.CHAT,
                                Sighting.End.COMPLETED,
                                "Hello",
                                new Usage(4, 2, 0, 0),
                                Trail.NONE,
                                0,
                                0,
                                0,
                                List.of(),
                                Duration.ZERO,
                                2));
    }

    @Test
    void whatWasReadBeforeTheConnectionBrokeIsDoubledWhenItComesAgain() {
        read(ROLE, FIRST, SECOND);
        reading.connected();

        Sighting sighting = read(SECOND, REASON, USAGE, DONE);

        assertThat(sighting.doubled()).isEqualTo(1);
        assertThat(sighting.text()).isEqualTo("Hello");
    }

    @Test
    void theSameChunkTwiceIsDoubled() {
        assertThat(read(FIRST, FIRST).doubled()).isEqualTo(1);
    }

    @Test
    void anEarlierNumberIsOutOfOrder() {
        assertThat(read(SECOND, FIRST).disordered()).isEqualTo(1);
    }

    @Test
    void aLostFrameShowsInTheText() {
        assertThat(read(FIRST, REASON, USAGE, DONE).text()).isEqualTo("Hel");
    }

    @Test
    void aFrameAfterTheEndIsOutOfOrder() {
        assertThat(read(FIRST, REASON, DONE, DONE).disordered()).isEqualTo(1);
    }

    @Test
    void anEndWithoutAReasonIsAFault() {
        assertThat(read(FIRST, DONE).faults()).hasSize(1);
    }

    @Test
    void anErrorFrameEndsTheStream() {
        Sighting sighting =
                read(FIRST, new SseFrame("", "", "{\"error\":{\"message\":\"see run_1\"}}"));

        assertThat(sighting.end()).isEqualTo(Sighting.End.ERROR_FRAME);
        assertThat(sighting.faults()).isEmpty();
        assertThat(reading.over()).isTrue();
    }

    @Test
    void anErrorFrameThatDoesNotNameTheRunIsAFault() {
        Sighting sighting = read(new SseFrame("", "", "{\"error\":{\"message\":\"sorry\"}}"));

        assertThat(sighting.faults()).hasSize(1);
    }
}
