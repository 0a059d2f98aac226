package dev.sluice.standalone.cli;

import dev.sluice.common.StartException;
import dev.sluice.standalone.app.Whereabouts;
import dev.sluice.standalone.top.Top;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `top`: the fleet of a gateway, live in a terminal.
@Command(
        name = "top",
        description =
                "Shows the fleet every second: what waits and executes in each lane, how fast runs"
                        + " end, the workers, and the runs that have executed for longest. Drawn"
                        + " over and over on a terminal, a line each time elsewhere.")
final class TopCommand implements Callable<Integer> {
    private static final URI USUAL = URI.create("http://127.0.0.1:8080");
    private static final String KEY = "SLUICE_KEY";

    private final Console console;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "A gateway. Default: that of the `up` on the data folder, else"
                            + " http://127.0.0.1:8080")
    private @Nullable HttpAddress url;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data folder of an `up`. Default: the project's .sluice/data")
    private @Nullable DataFolder data;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "A key with `admin: true`, where keys are configured. Default: what SLUICE_KEY"
                            + " holds")
    private @Nullable String key;

    @Option(names = "--once", description = "Shows it once, as a whole.")
    private boolean once;

    @Option(names = "--json", description = "Prints what the gateway says, an object a line.")
    private boolean json;

    TopCommand(Console console) {
        this.console = console;
    }

    @Override
    @SuppressWarnings(
            "SystemConsoleNull") // it is where there is no terminal, whatever newer JDKs did
    public Integer call() throws InterruptedException {
        java.io.@Nullable Console terminal = System.console();
        new Top(
                        new Top.Plan(
                                gateway(),
                                key == null ? console.environment().get(KEY) : key,
                                once,
                                json,
                                terminal != null && terminal.isTerminal()),
                        console.out(),
                        console.err(),
                        Clock.system(ZoneId.systemDefault()))
                .run();
        return 0;
    }

    private URI gateway() {
        if (url != null) {
            return url.uri();
        }
        Path folder = data == null ? console.dataFolder() : data.path();
        Optional<URI> up = Whereabouts.find(folder).map(it -> URI.create(it.url()));
        if (data != null && up.isEmpty()) {
            throw new StartException("no ./sluice up runs on %s".formatted(folder));
        }
        return up.orElse(USUAL);
    }
}
