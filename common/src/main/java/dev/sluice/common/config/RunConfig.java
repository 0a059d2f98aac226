package dev.sluice.common.config;

import dev.sluice.common.config.binding.Checks;
import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;
import java.time.Duration;

/// What holds for all runs.
@Doc("What holds for all runs.")
public record RunConfig(
        @Doc(
                        "How many workers may die of a run, one after the other and without any progress,"
                                + " before it fails and goes to the dead-letter topic.")
                @Default("3")
                int maxCrashes,
        @Doc(
                        "How long a run can be read after its end. Redis keeps some 500 bytes of each for"
                                + " so long, and the reply log its events.")
                @Default("24h")
                Duration retention,
        @Doc(
                        "How long a run that its watchers have left may wait for one to come back before"
                                + " it is cancelled, where `on_disconnect` is `cancel`.")
                @Default("500ms")
                Duration disconnectGrace) {
    public RunConfig {
        new Checks()
                .that(
                        maxCrashes >= 1 && maxCrashes <= 100,
                        "max_crashes",
                        "must be between 1 and 100")
                .that(retention.toSeconds() >= 1, "retention", "must be 1s or longer")
                .that(
                        !disconnectGrace.isNegative() && disconnectGrace.toSeconds() <= 60,
                        "disconnect_grace",
                        "must be between 0s and 60s")
                .done();
    }
}
