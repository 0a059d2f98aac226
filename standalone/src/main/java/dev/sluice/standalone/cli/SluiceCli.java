package dev.sluice.standalone.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// The command line of `./sluice`. Exit status: 0 done, 1 failed, 2 wrong usage.
public final class SluiceCli {
    private final CommandLine commands;

    public SluiceCli(Console console, Lifetime lifetime) {
        this.commands =
                CommandLines.furnish(
                        new CommandLine(CommandSpec.create().name("./sluice"))
                                .addSubcommand(new UpCommand(console, lifetime))
                                .addSubcommand(new InfraCommand(console, lifetime))
                                .addSubcommand(new ModelCommand(lifetime))
                                .addSubcommand(new GatewayCommand(console, lifetime))
                                .addSubcommand(new WorkerCommand(console, lifetime))
                                .addSubcommand(new CheckCommand(console))
                                .addSubcommand(EventsCommand.of(console))
                                .addSubcommand(JobsCommand.of(console))
                                .addSubcommand(DeadLettersCommand.of(console))
                                .addSubcommand(new TopCommand(console)),
                        console);
    }

    /// Runs a command to its end and returns its exit status.
    public int run(String... args) {
        return commands.execute(args);
    }
}
