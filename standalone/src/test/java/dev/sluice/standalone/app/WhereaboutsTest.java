package dev.sluice.standalone.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WhereaboutsTest {
    @TempDir Path data;

    @Test
    void whatWasWrittenIsReadUntilItIsErased() throws IOException {
        var up = new Whereabouts("127.0.0.1:1", "sluice", "http://127.0.0.1:2");
        up.write(data);
        assertThat(Whereabouts.read(data)).isEqualTo(up);

        Whereabouts.erase(data);

        assertThatThrownBy(() -> Whereabouts.read(data))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("no ./sluice up runs on " + data);
    }

    @Test
    void aFileThatCannotBeReadIsNamed() throws IOException {
        Files.writeString(data.resolve("up.json"), "{");

        assertThatThrownBy(() -> Whereabouts.read(data))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("up.json cannot be read");
    }
}
