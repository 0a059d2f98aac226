package dev.sluice.bench.chaos.seen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Usage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventReadingTest {
    private static final String RUN = "run_1";
    private static final SseFrame FIRST = delta(1, "Hel");
    private static final SseFrame SECOND = delta(2, "lo");
    private static final SseFrame THIRD =
            frame(3, "run_completed", "\"usage\":{\"input\":4,\"output\":2}");

    private final EventReading reading = new EventReading(RUN);

    @BeforeEach
    void connect() {
        reading.connected();
    }

    private static SseFrame delta(long seq, String text) {
        return frame(seq, "text_delta", "\"turn\":1,\"text\":\"" + text + "\"");
    }

    private static SseFrame frame(long seq, String type, String fields) {
        return new SseFrame(
                seq + "-" + seq * 10,
                type,
                "{\"run\":\"%s\",\"seq\":%d,\"type\":\"%s\",%s}".formatted(RUN, seq, type, fields));
    }

    private Sighting read(SseFrame... frames) {
        List.of(frames).forEach(reading::read);
        return reading.sighting();
    }

    @Test
    void aWholeRunIsReadOverSeveralConnections() {
        read(FIRST);
        reading.connected();

        Sighting sighting = read(SECOND, THIRD);

        assertThat(reading.lastId()).isEqualTo("3-30");
        assertThat(sighting)
                .isEqualTo(
                        new Sighting(
                                Sighting.As.EVENTS,
                                Sighting.End.COMPLETED,
                                "Hello",
                                new Usage(4, 2, 0, 0),
                                Trail.NONE
                                        .and(1, "text_delta")
                                        .and(2, "text_delta")
                                        .and(3, "run_completed"),
                                0,
                                0,
                                0,
                                List.of(),
                                Duration.ZERO,
                                2));
    }

    @Test
    void aMissingNumberIsALostFrame() {
        Sighting sighting = read(FIRST, THIRD);

        assertThat(sighting.lost()).isEqualTo(1);
        assertThat(sighting.doubled() + sighting.disordered()).isZero();
    }

    @Test
    void aNumberThatComesAgainIsADoubledFrame() {
        read(FIRST, SECOND);
        reading.connected();

        Sighting sighting = read(SECOND, THIRD);

        assertThat(sighting.doubled()).isEqualTo(1);
        assertThat(sighting.text()).isEqualTo("Hello");
        assertThat(sighting.lost() + sighting.disordered()).isZero();
    }

    @Test
    void aNumberThatComesAfterALaterOneIsOutOfOrder() {
        Sighting sighting = read(SECOND, FIRST, THIRD);

        assertThat(sighting.disordered()).isEqualTo(1);
        assertThat(sighting.lost() + sighting.doubled()).isZero();
    }

    @Test
    void aFrameAfterTheEndIsOutOfOrder() {
        Sighting sighting = read(FIRST, SECOND, THIRD, THIRD);

        assertThat(sighting.disordered()).isEqualTo(1);
    }

    @Test
    void anOffsetThatFallsIsOutOfOrder() {
        SseFrame early = new SseFrame("2-9", SECOND.event(), SECOND.data());

        assertThat(read(FIRST, early).disordered()).isEqualTo(1);
    }

    @Test
    void aVoidTurnIsReadAnew() {
        Sighting sighting =
                read(
                        delta(1, "Good"),
                        frame(2, "turn_reset", "\"turn\":1"),
                        delta(3, "Hello"),
                        frame(4, "run_completed", "\"usage\":{}"));

        assertThat(sighting.text()).isEqualTo("Hello");
    }

    @Test
    void aFrameThatContradictsItselfIsAFault() {
        SseFrame odd = new SseFrame("1-10", "text_delta", SECOND.data());

        assertThat(read(odd).faults()).hasSize(1);
    }

    @Test
    void attemptsAreShownWithoutNumbers() {
        Sighting sighting =
                read(
                        new SseFrame("", "attempt_started", "{\"run\":\"run_1\",\"seq\":0}"),
                        FIRST,
                        SECOND,
                        THIRD);

        assertThat(sighting.faults()).isEmpty();
        assertThat(sighting.trail().count()).isEqualTo(3);
    }

    @Test
    void aRunThatDidNotEndWasGivenUp() {
        assertThat(read(FIRST).end()).isEqualTo(Sighting.End.NONE);
    }
}
