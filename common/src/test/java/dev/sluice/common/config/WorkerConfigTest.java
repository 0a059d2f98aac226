package dev.sluice.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerConfigTest {
    private static WorkerConfig worker(String yaml) {
        return ConfigLoader.parse("worker: {" + yaml + "}", "sluice.yaml", Map.of()).worker();
    }

    @ParameterizedTest
    @CsvSource({
        "256, 0.25, 64",
        "256, 0, 0",
        "256, 1, 256",
        "10, 0.99, 9",
        "100, 0.29, 29",
        "1, 0.25, 1",
        "3, 0.0001, 1"
    })
    void theBatchsShareIsRoundedDownButAtLeastASlot(int concurrency, double share, int slots) {
        assertThat(
                        worker("concurrency: %d, batch_share: %s".formatted(concurrency, share))
                                .batchSlots())
                .isEqualTo(slots);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.1", "1.01", ".nan"})
    void aShareIsBetweenNothingAndAll(String share) {
        assertThatThrownBy(() -> worker("batch_share: " + share))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("worker.batch_share");
    }
}
