package dev.sluice.standalone.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `events`: the audit stream in a terminal.
@Command(name = "events", description = "Shows what happens to requests and runs.")
final class EventsCommand {
    private EventsCommand() {}

    /// The command with its subcommands.
    static CommandLine of(Console console) {
        return new CommandLine(new EventsCommand()).addSubcommand(new TailCommand(console));
    }
}
