package dev.sluice.common.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.redis.WorkerReport.Load;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Lane;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerReportTest {
    private static final Load BUSY = new Load(3, 1, 0, 0.5, 0);
    private static final Load BATCH = new Load(2, 4, 0, 0, 0);

    private static WorkerReport report(boolean draining) {
        return new WorkerReport("1.0", draining, 8, 4, BUSY, BATCH, List.of());
    }

    @Test
    void whatAReportDoesNotSayIsNothing() {
        assertThat(Json.MAPPER.readValue("{}", WorkerReport.class))
                .isEqualTo(
                        new WorkerReport(
                                "",
                                false,
                                0,
                                0,
                                new Load(0, 0, 0, 0, 0),
                                new Load(0, 0, 0, 0, 0),
                                List.of()));
    }

    @Test
    void whatALaterVersionSaysIsPassedOver() {
        String said = Json.MAPPER.writeValueAsString(report(false));

        assertThat(
                        Json.MAPPER.readValue(
                                said.replaceFirst("\\{", "{\"mood\":{\"good\":true},"),
                                WorkerReport.class))
                .isEqualTo(report(false));
    }

    @Test
    void slotsAreThoseOfTheLane() {
        assertThat(report(false).used()).isEqualTo(5);
        assertThat(report(false).waiting()).isEqualTo(5);
        assertThat(report(false).slotsOf(Lane.INTERACTIVE)).isEqualTo(8);
        assertThat(report(false).slotsOf(Lane.BATCH)).isEqualTo(4);
    }

    @Test
    void aWorkerThatDrainsHasNoFreeSlots() {
        assertThat(report(true).slotsOf(Lane.INTERACTIVE)).isEqualTo(5);
        assertThat(report(true).slotsOf(Lane.BATCH)).isEqualTo(2);
    }
}
