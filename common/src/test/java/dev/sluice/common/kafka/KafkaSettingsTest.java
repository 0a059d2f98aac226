package dev.sluice.common.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Lane;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaSettingsTest {
    private static Map<String, Object> sharer(int slots) throws IOException {
        return Cluster.nowhere().sharer(new Topics("t"), Lane.BATCH, slots);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "4, 1", "7, 1", "8, 2", "64, 16", "256, 32", "10000, 32"})
    void aPollBringsFarFewerRunsThanThereAreSlots(int slots, int records) throws IOException {
        assertThat(sharer(slots))
                .containsEntry("max.poll.records", records)
                .containsEntry("share.acquire.mode", "record_limit");
    }

    @Test
    void aWorkerThatIsFullForHoursStaysInItsGroup() throws IOException {
        assertThat(sharer(4))
                .containsEntry("group.id", "t.workers.batch")
                .containsEntry("max.poll.interval.ms", Integer.MAX_VALUE);
    }

    @Test
    void whatTheConfigurationSaysOfPatienceCounts() throws IOException {
        assertThat(sharer(4)).containsEntry("request.timeout.ms", "400");
    }
}
