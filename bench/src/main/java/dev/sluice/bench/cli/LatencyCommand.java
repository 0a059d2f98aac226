package dev.sluice.bench.cli;

import dev.sluice.bench.latency.Latency;
import dev.sluice.bench.latency.LatencyPlan;
import dev.sluice.standalone.cli.Console;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `latency`: what Sluice adds to the time of an answer.
@Command(
        name = "latency",
        description =
                "Measures the time to the first token and to the whole answer: of the scripted"
                        + " model asked directly, of a bare echo over two Kafka hops, and of Sluice;"
                        + " one request at a time and at 50 and 200 requests a second, alternately."
                        + " Exits with 1 if a request failed.")
final class LatencyCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private final TrialOptions options = new TrialOptions();

    LatencyCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var plan = new LatencyPlan(options.rounds(), options.time(), options.warmUp());
        return new Trial(console)
                .run(
                        "latency",
                        options,
                        plan,
                        (folder, launcher, report) ->
                                new Latency(plan, report).run(folder, launcher));
    }
}
