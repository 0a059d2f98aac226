package dev.sluice.bench.cli;

import dev.sluice.bench.streams.Streams;
import dev.sluice.bench.streams.StreamsPlan;
import dev.sluice.standalone.cli.Console;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `streams`: what many streams at once add and cost.
@Command(
        name = "streams",
        description =
                "Measures streams of 20 tokens a second, many at once: the first token, the gaps"
                        + " between tokens and whether any is lost, from the model directly and"
                        + " through Sluice, alternately; CPU time and memory; and the memory of"
                        + " streams that wait for their first token. Exits with 1 if a token was"
                        + " lost.")
final class StreamsCommand implements Callable<Integer> {
    private static final int SECONDS = 20;
    private static final List<Integer> STREAMS = List.of(100, 1_000, 2_000, 5_000);
    private static final int FEW = 50;
    private static final Duration SILENCE = Duration.ofSeconds(18);

    private final Console console;

    @Option(
            names = "--streams",
            paramLabel = "N,…",
            split = ",",
            description =
                    "How many streams there are at once, by turns. Default: 100,1000,2000,5000")
    private @Nullable List<Count> streams;

    @Option(
            names = "--idle",
            paramLabel = "N",
            description = "How many streams wait for their first token. Default: 5000")
    private @Nullable Count idle;

    @Mixin private final TrialOptions options = new TrialOptions();

    StreamsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        List<Integer> usual = options.quick() ? List.of(FEW) : STREAMS;
        var plan =
                new StreamsPlan(
                        options.rounds(),
                        options.time(SECONDS),
                        streams == null ? usual : streams.stream().map(Count::number).toList(),
                        idle == null ? usual.getLast() : idle.number(),
                        SILENCE);
        return new Trial(console)
                .run(
                        "streams",
                        options,
                        plan,
                        (folder, launcher, report) ->
                                new Streams(plan, report).run(folder, launcher));
    }
}
