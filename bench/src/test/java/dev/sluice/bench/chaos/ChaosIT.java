package dev.sluice.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.chaos.fault.Mix;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A small trial, with processes that are really killed.
@DisabledOnOs(OS.WINDOWS)
@Tag("load")
class ChaosIT {
    private static final int FAULTS = 7;
    private static final int CLIENTS = 8;

    /// Its faults are one of each kind: a worker, a gateway, Redis and the broker killed, Redis
    /// emptied, a worker drained and one paused.
    private static final long SEED = 254;

    @TempDir Path folder;

    @Test
    @Timeout(300)
    void nobodyNoticesMoreThanIsPromised() throws Exception {
        var printed = new ByteArrayOutputStream();
        var plan =
                new ChaosPlan(FAULTS, CLIENTS, SEED, Mix.ALL, folder.resolve("trial"), null, null);

        boolean clean =
                new Chaos(plan, new PrintStream(printed, true, StandardCharsets.UTF_8)).run();

        assertThat(clean).as(printed.toString(StandardCharsets.UTF_8)).isTrue();
        assertThat(folder.resolve("trial")).doesNotExist();
    }
}
