package dev.sluice.bench.cli;

import dev.sluice.bench.throughput.Throughput;
import dev.sluice.bench.throughput.ThroughputPlan;
import dev.sluice.standalone.cli.Console;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `throughput`: how many runs a second there can be, and what each costs.
@Command(
        name = "throughput",
        description =
                "Measures how many runs a second there can be, by number of workers: answers of one"
                        + " turn, and loops of three turns with two tool calls; and the CPU time of"
                        + " each part for a run. Exits with 1 if a run failed.")
final class ThroughputCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--workers",
            paramLabel = "N,…",
            split = ",",
            defaultValue = "1,2,4",
            description = "How many workers there are, by turns. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private List<Count> workers;

    @Option(
            names = "--slots",
            paramLabel = "N",
            defaultValue = "256",
            description = "Slots of each worker. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Count slots;

    @Option(
            names = "--model-delay",
            paramLabel = "TIME",
            defaultValue = "0s",
            description =
                    "How long the model is silent before it answers. With any, only answers of one"
                            + " turn are measured: with few slots they show how workers add up."
                            + " Default: none")
    @SuppressWarnings("NullAway.Init")
    private Delay modelDelay;

    @Mixin private final TrialOptions options = new TrialOptions();

    ThroughputCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var plan =
                new ThroughputPlan(
                        options.rounds(),
                        options.time(),
                        options.warmUp(),
                        workers.stream().map(Count::number).toList(),
                        slots.number(),
                        modelDelay.time());
        return new Trial(console)
                .run(
                        "throughput",
                        options,
                        plan,
                        (folder, launcher, report) ->
                                new Throughput(plan, report).run(folder, launcher));
    }
}
