package dev.sluice.bench.throughput;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.TrialReport;
import dev.sluice.bench.fleet.Launcher;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A trial too short for its figures to mean anything.
@DisabledOnOs(OS.WINDOWS)
class ThroughputIT {
    @TempDir Path folder;

    @Test
    @Timeout(240)
    void itMeasuresTurnsAndToolLoopsByNumberOfWorkers() throws Exception {
        var time = Duration.ofMillis(500);
        var plan = new ThroughputPlan(1, time, time, List.of(1, 2), 256, Duration.ZERO);
        var report = new TrialReport(folder, "throughput", plan);

        boolean clean = new Throughput(plan, report.report()).run(folder, Launcher.classPath());

        assertThat(clean).as(report.printed()).isTrue();
        assertThat(report.printed()).containsPattern("\\nthree turns, two tool calls +2 +\\d");
        var loops = report.json().path("three turns, two tool calls, 2 workers").path(0);
        assertThat(loops.at("/runs/ended").asInt()).isPositive();
        assertThat(loops.path("cpu").propertyNames())
                .contains("gateway", "worker", "broker", "redis", "model", "tools", "load");
        assertThat(ProcessHandle.current().children()).isEmpty();
    }
}
