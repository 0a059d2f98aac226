package dev.sluice.standalone.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.common.StartException;
import dev.sluice.common.config.ConfigException;
import dev.sluice.embedded.EmbeddedStartException;
import dev.sluice.embedded.model.ScriptException;
import java.io.PrintWriter;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// What all of Sluice's command lines have in common: `--help`, how values are read, and complaints
/// of one line.
public final class CommandLines {
    private static final Logger LOG = LoggerFactory.getLogger(CommandLines.class);
    private static final int HELP_WIDTH = 100;

    private final Console console;

    private CommandLines(Console console) {
        this.console = console;
    }

    /// The same command line, furnished. Its exit status is 0 for done, 1 for failed, 2 for wrong
    /// usage.
    public static CommandLine furnish(CommandLine commands, Console console) {
        var common = new CommandLines(console);
        addHelp(commands);
        return commands.setUsageHelpWidth(HELP_WIDTH)
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setOut(new PrintWriter(console.out(), true, UTF_8))
                .setErr(new PrintWriter(console.err(), true, UTF_8))
                .registerConverter(Port.class, new Port.Reader())
                .registerConverter(ReadableFile.class, new ReadableFile.Reader())
                .registerConverter(DataFolder.class, new DataFolder.Reader())
                .registerConverter(Span.class, new Span.Reader())
                .registerConverter(HttpAddress.class, new HttpAddress.Reader())
                .setParameterExceptionHandler((e, _) -> common.misused(e))
                .setExecutionExceptionHandler((e, command, _) -> common.failed(e, command));
    }

    private static void addHelp(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        spec.usageMessage().sortOptions(false);
        spec.addMixin("help", CommandSpec.forAnnotatedObject(new HelpOption()));
        command.getSubcommands().values().forEach(CommandLines::addHelp);
    }

    private int misused(ParameterException e) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        String commands = String.join(", ", e.getCommandLine().getSubcommands().keySet());
        String what =
                switch (e) {
                    case UnmatchedArgumentException unmatched ->
                            "there is no %s %s%s"
                                    .formatted(
                                            kind(unmatched, commands),
                                            unmatched.getUnmatched().getFirst(),
                                            commands.isEmpty() ? "" : " here, but " + commands);
                    // Those that have commands have no options that could be wrong.
                    default -> commands.isEmpty() ? e.getMessage() : "say what to do: " + commands;
                };
        complain(name, what + "; see " + name + " --help");
        return CommandLine.ExitCode.USAGE;
    }

    private static String kind(UnmatchedArgumentException unmatched, String commands) {
        if (unmatched.isUnknownOption()) {
            return "option";
        }
        return commands.isEmpty() ? "argument" : "command";
    }

    private int failed(Exception e, CommandLine command) {
        String name = command.getCommandSpec().qualifiedName();
        switch (e) {
            case ConfigException config -> config.problems().forEach(p -> console.err().println(p));
            default -> complain(name, reason(e));
        }
        LOG.atDebug().addKeyValue("command", name).setCause(e).log("The command failed");
        return CommandLine.ExitCode.SOFTWARE;
    }

    private void complain(String name, String what) {
        console.err().println(name + ": " + what.strip().replaceAll("\\s*\\R\\s*", " | "));
    }

    /// What is meant for people as it is; of anything else its kind too.
    private static String reason(Throwable e) {
        return switch (e) {
            case CompletionException _, ExecutionException _ when e.getCause() != null ->
                    reason(e.getCause());
            case StartException _, EmbeddedStartException _, ScriptException _ ->
                    String.valueOf(e.getMessage());
            default -> e.toString();
        };
    }
}
