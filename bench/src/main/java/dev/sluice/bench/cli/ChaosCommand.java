package dev.sluice.bench.cli;

import dev.sluice.bench.chaos.Chaos;
import dev.sluice.bench.chaos.ChaosPlan;
import dev.sluice.bench.chaos.fault.Mix;
import dev.sluice.bench.fleet.FleetException;
import dev.sluice.standalone.cli.Console;
import dev.sluice.standalone.cli.DataFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `chaos`: kills processes under load, and examines that nobody noticed more than is promised.
@Command(
        name = "chaos",
        description =
                "Keeps chat streams, background runs and tool loops going on two gateways and three"
                        + " workers, kills, pauses, drains and restarts processes under them, and"
                        + " then holds the log, the clients' accounts and the tools' ledger against"
                        + " the script. Prints a table; exits with 1 if anything was not as"
                        + " promised, naming the runs.")
final class ChaosCommand implements Callable<Integer> {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    private final Console console;

    @Option(
            names = "--kills",
            paramLabel = "N",
            defaultValue = "25",
            description = "How many faults. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Count kills;

    @Option(
            names = "--streams",
            paramLabel = "N",
            defaultValue = "12",
            description = "How many clients are at work throughout. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Count streams;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description =
                    "Decides what clients ask, and which faults come when. Default:"
                            + " ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Seed seed;

    @Option(
            names = "--only",
            paramLabel = "KIND",
            description =
                    "One kind of faults instead of all: worker, gateway, redis, broker, pause or"
                            + " drain.")
    private @Nullable Mix only;

    @Option(
            names = "--beside",
            paramLabel = "DIR",
            description =
                    "Another checkout of Sluice, of the release before for example: each worker is"
                            + " one of that and one of this in turn, and both are at work beside"
                            + " each other throughout. With --only drain: a rolling deploy")
    private @Nullable Checkout beside;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Where the trial makes a folder for its data and logs, which it removes if all"
                            + " was well. Default: the project's .sluice/bench")
    private @Nullable DataFolder data;

    ChaosCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Path parent = data == null ? console.dataFolder().resolveSibling("bench") : data.path();
        Path folder =
                parent.resolve(
                                "chaos-"
                                        + seed.number()
                                        + "-"
                                        + LocalDateTime.now(ZoneId.systemDefault()).format(STAMP))
                        .toAbsolutePath();
        var plan =
                new ChaosPlan(
                        kills.number(),
                        streams.number(),
                        seed.number(),
                        only == null ? Mix.ALL : only,
                        folder,
                        console.environment().get("PATH"),
                        beside == null ? null : beside.folder());
        try {
            return new Chaos(plan, console.out()).run() ? 0 : 1;
        } catch (FleetException e) {
            console.err().println("./sluice bench chaos: " + e.getMessage());
        } catch (InterruptedException _) {
            console.err().println("./sluice bench chaos: stopped before its end");
        }
        console.err().println("data and logs are kept in " + folder);
        return 1;
    }
}
