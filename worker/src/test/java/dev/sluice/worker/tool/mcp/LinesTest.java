package dev.sluice.worker.tool.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LinesTest {

    @Test
    void linesEndWhereTheyEnd() throws IOException {
        InputStream in = new ByteArrayInputStream(bytes("one\n\ntwo\r\nhalf a li"));

        assertThat(Lines.next(in)).isEqualTo(bytes("one"));
        assertThat(Lines.next(in)).isEmpty();
        assertThat(Lines.next(in)).isEqualTo(bytes("two\r"));
        assertThat(Lines.next(in)).as("no line without its end").isNull();
    }

    @Test
    void aLineWithoutEndIsRefused() {
        InputStream in =
                new InputStream() {
                    @Override
                    public int read() {
                        return 'x';
                    }
                };

        assertThatThrownBy(() -> Lines.next(in)).isInstanceOf(Lines.TooLong.class);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
