package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DataFolderTest {
    private static final Path FOLDER = Path.of("/somewhere/data");

    @Test
    void aDiskThatIsAlmostFullIsRefused() {
        assertThatThrownBy(() -> DataFolder.refuseFull(FOLDER, (512L << 20) - 1))
                .isInstanceOf(EmbeddedStartException.class)
                .hasMessageContainingAll("511 MiB are free", "/somewhere/data", "room for 512");
        assertThatCode(() -> DataFolder.refuseFull(FOLDER, 512L << 20)).doesNotThrowAnyException();
    }
}
