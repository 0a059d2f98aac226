package dev.sluice.bench.chaos.seen;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SseReaderTest {
    private static SseReader reader(String stream) {
        return new SseReader(new ByteArrayInputStream(stream.getBytes(UTF_8)));
    }

    @Test
    void framesAreReadWithTheirFields() throws IOException {
        SseReader reader = reader("id: 3-9\nevent: text_delta\ndata: {\"ä\":1}\n\ndata:[DONE]\n\n");

        assertThat(reader.next()).isEqualTo(new SseFrame("3-9", "text_delta", "{\"ä\":1}"));
        assertThat(reader.next()).isEqualTo(new SseFrame("", "", "[DONE]"));
        assertThat(reader.next()).isNull();
    }

    @Test
    void commentsAreSkipped() throws IOException {
        SseReader reader = reader(": still here\n\ndata: x\n: and here\n\n");

        assertThat(reader.next()).isEqualTo(new SseFrame("", "", "x"));
        assertThat(reader.next()).isNull();
    }

    @Test
    void whatABrokenConnectionLeavesOfAFrameIsDropped() throws IOException {
        assertThat(reader("id: 1-1\ndata: whole line\n").next()).isNull();
    }
}
