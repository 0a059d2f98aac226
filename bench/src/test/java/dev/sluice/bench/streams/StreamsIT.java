package dev.sluice.bench.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/// A trial too small for its figures to mean anything.
@DisabledOnOs(OS.WINDOWS)
class StreamsIT {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir Path folder;

    @Test
    @Timeout(240)
    void itMeasuresStreamsThatSpeakAndStreamsThatAreSilent() throws Exception {
        var plan = new StreamsPlan(1, SECOND, List.of(5, 20), 20, SECOND.multipliedBy(2));
        var report = new TrialReport(folder, "streams", plan);

        boolean clean = new Streams(plan, report.report()).run(folder, Launcher.classPath());

        assertThat(clean).as(report.printed()).isTrue();
        assertThat(report.printed())
                .containsPattern("\\n20 +sluice - direct +-?\\d")
                .containsPattern("\\n20 +speak +gateway +-?\\d");
        var streams = report.json().path("20 streams, sluice").path(0);
        // Twenty tokens a second, rounded up to eights.
        assertThat(streams.at("/streams/tokens").asInt()).isEqualTo(20 * 24);
        assertThat(streams.at("/streams/lost").asInt(-1)).isZero();
        assertThat(streams.at("/streams/gap/count").asInt()).isEqualTo(20 * 23);
        assertThat(
                        report.json()
                                .at("/memory, 20 streams that wait/open/memory/worker/heap")
                                .asLong())
                .isPositive();
        assertThat(ProcessHandle.current().children()).isEmpty();
    }

    @Test
    void moreStreamsThanFilesMayBeOpenAreRefused() {
        var plan = new StreamsPlan(1, SECOND, List.of(100), 2_000_000_000, SECOND);

        assertThatThrownBy(plan::checkFiles).hasMessageContaining("raise it with ulimit -n");
    }
}
