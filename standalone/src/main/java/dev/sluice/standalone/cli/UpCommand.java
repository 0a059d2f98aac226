package dev.sluice.standalone.cli;

import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.standalone.app.StandaloneApp;
import dev.sluice.standalone.log.Logging;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `up`: everything in one process.
@Command(
        name = "up",
        description =
                "Serves everything from one process, on an embedded Kafka and Redis. Without a"
                        + " configuration it serves the agent `demo`, whose model plays from a"
                        + " script and needs no API key; where OPENAI_API_KEY is set, the agent"
                        + " `assistant` as well.")
final class UpCommand implements Callable<Integer> {
    private final Console console;
    private final Lifetime lifetime;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "The configuration, sluice.yaml. The embedded Kafka and Redis stand in for"
                            + " those it names.")
    private @Nullable ReadableFile config;

    @Option(
            names = "--port",
            paramLabel = "N",
            description =
                    "The port to serve; 0 takes a free one. Default: the configuration's, else"
                            + " 8080")
    private @Nullable Port port;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Where Kafka and Redis keep their data; made where it is missing."
                            + " Default: the project's .sluice/data")
    private @Nullable DataFolder data;

    UpCommand(Console console, Lifetime lifetime) {
        this.console = console;
        this.lifetime = lifetime;
    }

    @Override
    public Integer call() throws Exception {
        SluiceConfig given =
                config == null ? null : ConfigLoader.load(config.path(), console.environment());
        if (given != null) {
            Logging.apply(given.log());
        }
        var plan =
                new StandaloneApp.Plan(
                        data == null ? console.dataFolder() : data.path(),
                        given,
                        port == null ? OptionalInt.empty() : OptionalInt.of(port.number()),
                        console.environment());
        return lifetime.serve(() -> {
            var app = StandaloneApp.start(plan);
            return new Lifetime.Running(app.url(), app);
        });
    }
}
