package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.embedded.model.Received;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.RawClient;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// A client that reads slowly slows nobody, and misses nothing.
@WithSluice
class SlowReaderIT {

    /// Some 16 MB in all, which no socket's buffers hold, of a thousand different words.
    private static final int TIMES = 40;

    private static final String PHRASE =
            IntStream.range(0, 1000)
                    .mapToObj(i -> "w" + i + "-".repeat(400))
                    .collect(Collectors.joining(" "));
    private static final String SCRIPT =
            """
            rules:
              - when: { user: long }
                reply: { text: %s, repeat: %d }
            fallback: { text: short and sweet }
            """
                    .formatted(PHRASE, TIMES);
    private static final String ENDLESS =
            """
            pace: { tokens_per_second: 30000 }
            fallback: { text: %s, repeat: 1000 }
            """
                    .formatted(PHRASE);

    private final Sluice sluice;

    SlowReaderIT(Sluice sluice) {
        this.sluice = sluice;
    }

    @Test
    void aSlowReaderGetsEverythingInOrderAndDisturbsNobody() throws IOException {
        sluice.script(SCRIPT);
        try (Gateway gateway = sluice.gateway(settings("16KiB", "30s"));
                RawClient slow = RawClient.of(gateway, 16 * 1024)) {
            slow.ask(Gateway.body("plain", "a long one", "\"stream\":true"));
            await().until(() -> gateway.metric("sluice_streams_behind_total") > 0);
            for (int i = 0; i < 20; i++) {
                long began = System.nanoTime();
                String other = gateway.ask("plain", "hi", "\"stream\":true").body();
                assertThat(Frames.text(other)).isEqualTo("short and sweet");
                assertThat(other).endsWith("data: [DONE]\n\n");
                assertThat(Duration.ofNanos(System.nanoTime() - began))
                        .isLessThan(Duration.ofSeconds(2));
            }
            String answer = slow.readAll();
            String stream = Chunked.body(answer);
            assertThat(stream).endsWith("data: [DONE]\n\n");
            String expected = String.join(" ", Collections.nCopies(TIMES, PHRASE));
            // Not isEqualTo: a difference would be printed in megabytes.
            assertThat(Frames.text(stream).equals(expected)).as("the whole text in order").isTrue();
        }
    }

    @Test
    void aReaderThatStaysStalledCountsAsGone() throws IOException {
        sluice.script(ENDLESS);
        try (Gateway gateway = sluice.gateway(settings("16KiB", "500ms"));
                RawClient stalled = RawClient.of(gateway, 16 * 1024)) {
            stalled.ask(Gateway.body("plain", "a long one", "\"stream\":true"));
            Received gone = sluice.awaitAsked(request -> request.end() == Received.End.CLIENT_GONE);
            assertThat(gone.chunks()).isPositive();
            await().untilAsserted(
                            () -> assertThat(gateway.metric("sluice_gateway_waiting")).isZero());
        }
    }

    private dev.sluice.standalone.e2e.fixture.Settings settings(String buffer, String stall) {
        return sluice.settings()
                .with(
                        "gateway",
                        "{ port: 0, stream_buffer: %s, stall_timeout: %s, drain_timeout: 1s }"
                                .formatted(buffer, stall));
    }
}
