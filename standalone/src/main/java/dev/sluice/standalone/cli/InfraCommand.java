package dev.sluice.standalone.cli;

import dev.sluice.standalone.app.Infra;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `infra`: the embedded Kafka and Redis on their own.
@Command(
        name = "infra",
        description =
                "Serves the embedded Kafka and Redis, for several Sluice processes on one machine."
                        + " A configuration that names neither finds them on their usual ports.")
final class InfraCommand implements Callable<Integer> {
    private final Console console;
    private final Lifetime lifetime;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Where they keep their data; made where it is missing."
                            + " Default: the project's .sluice/data")
    private @Nullable DataFolder data;

    @Option(
            names = "--kafka-port",
            paramLabel = "N",
            defaultValue = "9092",
            description = "Kafka's port; 0 takes a free one. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Port kafkaPort;

    @Option(
            names = "--redis-port",
            paramLabel = "N",
            defaultValue = "6379",
            description = "Redis's port; 0 takes a free one. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Port redisPort;

    InfraCommand(Console console, Lifetime lifetime) {
        this.console = console;
        this.lifetime = lifetime;
    }

    @Override
    public Integer call() throws Exception {
        return lifetime.serve(() -> {
            var infra =
                    Infra.start(
                            data == null ? console.dataFolder() : data.path(),
                            kafkaPort.number(),
                            redisPort.number(),
                            console.environment());
            return new Lifetime.Running(
                    "kafka " + infra.bootstrapServers() + " redis " + infra.redisUrl(), infra);
        });
    }
}
