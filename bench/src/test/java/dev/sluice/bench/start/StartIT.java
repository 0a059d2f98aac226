package dev.sluice.bench.start;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.TrialReport;
import dev.sluice.bench.fleet.Launcher;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// One start; elsewhere than on Linux memory is not told.
@EnabledOnOs(OS.LINUX)
class StartIT {
    private static final long MEBIBYTE = 1 << 20;

    @TempDir Path folder;

    @Test
    @Timeout(240)
    void itMeasuresAStartAndTheMemoryOfItsProcesses() throws Exception {
        var plan = new StartPlan(1, Duration.ofMillis(100), false);
        var report = new TrialReport(folder, "start", plan);

        boolean clean = new Start(plan, "", report.report()).run(folder, Launcher.classPath());

        assertThat(clean).isTrue();
        assertThat(report.printed()).containsPattern("start to ready, s +\\d+\\.\\d\\d");
        var start = report.json().path("starts without the AOT cache").path(0);
        assertThat(start.path("seconds").asDouble()).isBetween(0.2, 60.0);
        assertThat(start.path("jvm").asLong()).isGreaterThan(50 * MEBIBYTE);
        assertThat(start.path("children").asLong()).isGreaterThan(MEBIBYTE);
        assertThat(folder.resolve("data")).doesNotExist();
        assertThat(ProcessHandle.current().children()).isEmpty();
    }
}
