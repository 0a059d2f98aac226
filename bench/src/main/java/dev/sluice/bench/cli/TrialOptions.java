package dev.sluice.bench.cli;

import dev.sluice.standalone.cli.DataFolder;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that all measurements have.
final class TrialOptions {
    private static final int ROUNDS = 3;
    private static final int SECONDS = 10;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How many rounds; figures are medians over them. Default: 3")
    private @Nullable Count rounds;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description =
                    "How long each side is measured under each load in each round. Default: 10;"
                            + " for streams 20, for start 5")
    private @Nullable Count seconds;

    @Option(
            names = "--quick",
            description = "A short trial that shows that it works; its figures mean nothing.")
    private boolean quick;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Where the figures go as JSON. Default: the trial's folder")
    private @Nullable Path json;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Where the trial makes a folder for its data and logs, of which the logs stay."
                            + " Default: the project's .sluice/bench")
    private @Nullable DataFolder data;

    boolean quick() {
        return quick;
    }

    int rounds() {
        return rounds != null ? rounds.number() : quick ? 1 : ROUNDS;
    }

    Duration time() {
        return time(SECONDS);
    }

    Duration time(int usualSeconds) {
        return Duration.ofSeconds(seconds != null ? seconds.number() : quick ? 1 : usualSeconds);
    }

    /// A slice of the time for which everything runs before anything counts.
    Duration warmUp() {
        return Duration.ofSeconds(quick ? 1 : SECONDS);
    }

    @Nullable Path json() {
        return json;
    }

    @Nullable DataFolder data() {
        return data;
    }
}
