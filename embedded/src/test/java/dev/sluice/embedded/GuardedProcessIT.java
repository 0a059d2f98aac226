package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class GuardedProcessIT {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @TempDir Path folder;
    private GuardedProcess process;

    @BeforeEach
    void start() throws IOException {
        process = GuardedProcess.start(List.of("sleep", "60"), folder, folder.resolve("log"));
        await().until(() -> process.program().isPresent());
    }

    @AfterEach
    void end() {
        process.kill();
    }

    @Test
    void theProgramIsTheProgramAndNoneOfItsGuards() {
        assertThat(process.program().orElseThrow().info().command().orElseThrow())
                .contains("sleep");
        assertThat(process.awaitEnd(Duration.ofMillis(10))).isEmpty();
    }

    @Test
    void aKilledProgramEndsItsGuardsWithTheSignalsStatus() {
        process.program().orElseThrow().destroyForcibly();

        assertThat(process.awaitEnd(PATIENCE)).hasValue(128 + 9);
        assertThat(process.program()).isEmpty();
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void aStoppedProgramIsKilledAllTheSame() throws Exception {
        ProcessHandle program = process.program().orElseThrow();
        new ProcessBuilder("kill", "-STOP", Long.toString(program.pid())).start().waitFor();

        process.kill();

        assertThat(program.isAlive()).isFalse();
    }
}
