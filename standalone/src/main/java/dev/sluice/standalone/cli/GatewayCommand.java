package dev.sluice.standalone.cli;

import dev.sluice.common.config.SluiceConfig;
import dev.sluice.gateway.GatewayApp;
import dev.sluice.standalone.app.Addresses;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `gateway`: the HTTP side on its own.
@Command(
        name = "gateway",
        description =
                "Serves clients over HTTP, on the Kafka and Redis that the configuration names."
                        + " Prints its address when it serves; drains on SIGTERM.")
final class GatewayCommand implements Callable<Integer> {
    private final Console console;
    private final Lifetime lifetime;

    @Mixin private final ConfigOption config = new ConfigOption();

    GatewayCommand(Console console, Lifetime lifetime) {
        this.console = console;
        this.lifetime = lifetime;
    }

    @Override
    public Integer call() throws Exception {
        SluiceConfig valid = config.load(console);
        return lifetime.serve(() -> {
            var app = GatewayApp.start(valid);
            return new Lifetime.Running(Addresses.http(valid.gateway().host(), app.port()), app);
        });
    }
}
