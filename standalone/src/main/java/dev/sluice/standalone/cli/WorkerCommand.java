package dev.sluice.standalone.cli;

import dev.sluice.common.config.SluiceConfig;
import dev.sluice.standalone.app.Addresses;
import dev.sluice.worker.WorkerApp;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `worker`: the side that executes runs on its own.
@Command(
        name = "worker",
        description =
                "Executes runs, on the Kafka and Redis that the configuration names. Prints its"
                        + " name and the address of its /health, /ready and /metrics when it takes"
                        + " runs; drains on SIGTERM.")
final class WorkerCommand implements Callable<Integer> {
    private final Console console;
    private final Lifetime lifetime;

    @Mixin private final ConfigOption config = new ConfigOption();

    WorkerCommand(Console console, Lifetime lifetime) {
        this.console = console;
        this.lifetime = lifetime;
    }

    @Override
    public Integer call() throws Exception {
        SluiceConfig valid = config.load(console);
        return lifetime.serve(() -> {
            var app = WorkerApp.start(valid);
            return new Lifetime.Running(
                    "worker %s %s"
                            .formatted(app.id(), Addresses.http(valid.worker().host(), app.port())),
                    app);
        });
    }
}
