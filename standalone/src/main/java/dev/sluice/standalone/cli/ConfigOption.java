package dev.sluice.standalone.cli;

import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.standalone.log.Logging;
import picocli.CommandLine.Option;

/// The option `--config` of a command that cannot do without.
final class ConfigOption {
    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The configuration, sluice.yaml.")
    @SuppressWarnings("NullAway.Init")
    private ReadableFile file;

    /// Reads the file, and logs as it says from then on.
    ///
    /// @throws dev.sluice.common.config.ConfigException with everything that is wrong with it
    SluiceConfig load(Console console) {
        SluiceConfig config = ConfigLoader.load(file.path(), console.environment());
        Logging.apply(config.log());
        return config;
    }
}
