package dev.sluice.bench.cli;

import dev.sluice.bench.chaos.fault.Mix;
import dev.sluice.standalone.cli.CommandLines;
import dev.sluice.standalone.cli.Console;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// The command line of `./sluice bench`. Exit status: 0 done and clean, 1 failed, 2 wrong usage.
public final class BenchCli {
    private final CommandLine commands;

    public BenchCli(Console console) {
        CommandSpec root = CommandSpec.create().name("./sluice bench");
        root.usageMessage()
                .description("Trials of the whole, with processes of their own on this machine.");
        this.commands =
                CommandLines.furnish(
                                new CommandLine(root)
                                        .addSubcommand(new ChaosCommand(console))
                                        .addSubcommand(new LatencyCommand(console))
                                        .addSubcommand(new ThroughputCommand(console))
                                        .addSubcommand(new StreamsCommand(console))
                                        .addSubcommand(new StartCommand(console))
                                        .addSubcommand(new PeerCommand(console)),
                                console)
                        .registerConverter(Count.class, new Count.Reader())
                        .registerConverter(Checkout.class, new Checkout.Reader())
                        .registerConverter(Delay.class, new Delay.Reader())
                        .registerConverter(Seed.class, new Seed.Reader())
                        .registerConverter(Mix.class, new MixReader());
    }

    /// Runs a command to its end and returns its exit status.
    public int run(String... args) {
        return commands.execute(args);
    }
}
