package dev.sluice.bench.cli;

import dev.sluice.bench.fleet.Launcher;
import dev.sluice.bench.start.Start;
import dev.sluice.bench.start.StartPlan;
import dev.sluice.standalone.cli.Console;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `start`: how long a start takes, and the memory of an idle standalone.
@Command(
        name = "start",
        description =
                "Starts ./sluice up on an empty folder, once a round without and once with the AOT"
                        + " cache of ./sluice aot, which it makes and leaves: how long it takes"
                        + " until it is ready, and how much memory it has with its Redis after"
                        + " --seconds in which it has nothing to do. With --quick only without.")
final class StartCommand implements Callable<Integer> {
    private static final int SECONDS = 5;

    private final Console console;

    @Mixin private final TrialOptions options = new TrialOptions();

    StartCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var plan = new StartPlan(options.rounds(), options.time(SECONDS), !options.quick());
        String javaOptions = console.environment().getOrDefault(Launcher.JAVA_OPTS, "");
        return new Trial(console)
                .run(
                        "start",
                        options,
                        plan,
                        (folder, launcher, report) ->
                                new Start(plan, javaOptions, report).run(folder, launcher));
    }
}
