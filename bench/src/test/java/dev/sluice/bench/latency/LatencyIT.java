package dev.sluice.bench.latency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.TrialReport;
import dev.sluice.bench.fleet.Launcher;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A trial too short for its figures to mean anything.
@DisabledOnOs(OS.WINDOWS)
class LatencyIT {
    @TempDir Path folder;

    @Test
    @Timeout(240)
    void itMeasuresDirectEchoAndSluice() throws Exception {
        var time = Duration.ofMillis(300);
        var plan = new LatencyPlan(1, time, time);
        var report = new TrialReport(folder, "latency", plan);

        boolean clean = new Latency(plan, report.report()).run(folder, Launcher.classPath());

        assertThat(clean).as(report.printed()).isTrue();
        assertThat(report.printed())
                .containsPattern("\\n200 requests/s +echo +\\d+\\.\\d\\d")
                .containsPattern("\\n200 tokens +sluice - direct +-?\\d+\\.\\d\\d");
        var json = report.json();
        assertThat(json.at("/record_sizes/request").asInt()).isBetween(200, 1_000);
        var sluice = json.path("one at a time, sluice").path(0);
        assertThat(sluice.path("answered").asInt()).isPositive();
        assertThat(sluice.at("/first_token/p50").asDouble())
                .isPositive()
                .isLessThanOrEqualTo(sluice.at("/whole/p50").asDouble());
        assertThat(folder.resolve("data")).doesNotExist();
        assertThat(ProcessHandle.current().children()).isEmpty();
    }
}
