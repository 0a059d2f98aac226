package dev.sluice.standalone.cli;

import dev.sluice.common.config.SluiceConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `check`: prints every problem of a configuration, one a line, or what there is in it.
@Command(
        name = "check",
        description =
                "Validates a configuration: prints every problem with its path and exits with 1,"
                        + " or says what there is in it.")
final class CheckCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private final ConfigOption config = new ConfigOption();

    CheckCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        SluiceConfig valid = config.load(console);
        console.out()
                .println(
                        "ok: "
                                + count(valid.agents().size(), "agent")
                                + ", "
                                + count(valid.providers().size(), "provider")
                                + ", "
                                + count(valid.mcpServers().size(), "MCP server")
                                + ", "
                                + count(valid.keys().size(), "key"));
        return 0;
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
