package dev.sluice.standalone.top;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Json;
import dev.sluice.standalone.top.FleetView.SlowRun;
import dev.sluice.standalone.top.FleetView.Worker;
import java.time.LocalTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameTest {
    private static final LocalTime NOW = LocalTime.of(18, 2);
    private static final int ROOMY = 100;

    private static FleetView fleet(List<Worker> workers, List<SlowRun> slowest) {
        Map<String, FleetView.Queue> lanes = new LinkedHashMap<>();
        lanes.put("interactive", new FleetView.Queue(3, 1_234, 1, 12, 512, 42.14, 0));
        lanes.put("batch", new FleetView.Queue(0, 0, 0, 64, 128, 3.5, 0.25));
        return new FleetView(lanes, new FleetView.Slots(512, 76), workers, slowest);
    }

    private static Worker worker(String id, long used) {
        return new Worker(id, 210L, true, "1.0", false, 256, used, 0, 12.5);
    }

    private static SlowRun run(int number) {
        return new SlowRun("run_" + number, "demo", "interactive", 1, "worker-1", 65_000);
    }

    @Test
    void itSaysWhatWaitsAndWhatExecutesAndWhere() {
        FleetView fleet =
                fleet(
                        List.of(
                                worker("worker-1", 12),
                                worker("worker-2", 256),
                                new Worker("worker-3", 9_900L, false, "1.0", false, 256, 0, 0, 0),
                                new Worker("worker-4", 10L, true, "1.0", true, 256, 1, 0, 0),
                                new Worker("worker-5", null, true, null, false, 0, 0, 0, 0)),
                        List.of(run(1)));

        assertThat(Frame.lines("http://gateway", fleet, NOW, ROOMY))
                .containsExactly(
                        "18:02:00  http://gateway  workers: 4  slots: 76 of 512 used",
                        "",
                        "LANE           WAITING    OLDEST ON WORKERS EXECUTING    SLOTS   ENDED/S  FAILED/S",
                        "interactive          3      1.2s          1        12      512      42.1       0.0",
                        "batch                0         -          0        64      128       3.5       0.3",
                        "",
                        "WORKER                   VERSION                SLOTS                WAITING  ENDED/S     BEAT",
                        "worker-3                 1.0                    0/256 [............]       0      0.0     9.9s  gone",
                        "worker-2                 1.0                  256/256 [############]       0     12.5     0.2s",
                        "worker-1                 1.0                   12/256 [#...........]       0     12.5     0.2s",
                        "worker-4                 1.0                    1/256 [#...........]       0      0.0     0.0s  draining",
                        "worker-5                 -                        0/0 [............]       0      0.0        -",
                        "",
                        "SLOWEST RUN                          AGENT                LANE         ATTEMPT      FOR  WORKER",
                        "run_1                                demo                 interactive        1    1m05s  worker-1");
    }

    @Test
    void itFitsIntoATerminal() {
        FleetView fleet =
                fleet(
                        IntStream.range(0, 40).mapToObj(i -> worker("worker-" + i, i)).toList(),
                        IntStream.range(0, 10).mapToObj(FrameTest::run).toList());

        List<String> lines = Frame.lines("http://gateway", fleet, NOW, 24);

        assertThat(lines).hasSize(23);
        assertThat(lines).filteredOn(line -> line.startsWith("worker-")).hasSize(6);
        assertThat(lines).contains("and 34 more");
        assertThat(lines).filteredOn(line -> line.startsWith("run_")).hasSize(7);
    }

    @Test
    void aFleetWithoutWorkersIsSaidToBeNone() {
        assertThat(Frame.lines("http://gateway", fleet(List.of(), List.of()), NOW, ROOMY))
                .contains("none: nothing is executed")
                .noneMatch(line -> line.startsWith("SLOWEST"));
    }

    @Test
    void elsewhereOneLineSaysIt() {
        assertThat(Frame.line(fleet(List.of(worker("worker-1", 12)), List.of()), NOW))
                .isEqualTo(
                        "18:02:00 workers 1 slots 76/512"
                                + " | interactive waiting 3 oldest 1.2s executing 12 ended/s 42.1"
                                + " failed/s 0.0"
                                + " | batch waiting 0 oldest 0.0s executing 64 ended/s 3.5"
                                + " failed/s 0.3");
    }

    @Test
    void whatAGatewayDoesNotSayIsNothing() {
        FleetView view = Json.FOREIGN.readValue("{\"mood\":1}", FleetView.class);

        assertThat(Stream.of(view.lanes().isEmpty(), view.workers().isEmpty())).containsOnly(true);
        assertThat(view.slots()).isEqualTo(new FleetView.Slots(0, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.0s",
        "1234, 1.2s",
        "59999, 59.9s",
        "60000, 1m00s",
        "3599999, 59m59s",
        "11220000, 3h07m"
    })
    void spansAreShort(long millis, String shown) {
        assertThat(Frame.span(millis)).isEqualTo(shown);
    }
}
