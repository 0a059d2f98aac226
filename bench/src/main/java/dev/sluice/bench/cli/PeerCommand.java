package dev.sluice.bench.cli;

import dev.sluice.bench.latency.LatencyPlan;
import dev.sluice.bench.peer.Peer;
import dev.sluice.bench.peer.PeerPlan;
import dev.sluice.bench.streams.StreamsPlan;
import dev.sluice.standalone.cli.Console;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `peer`: another OpenAI-compatible server beside Sluice.
@Command(
        name = "peer",
        description =
                "Puts any other OpenAI-compatible server beside Sluice, in front of the same"
                        + " scripted model: latencies, answers a second and streams of both and of"
                        + " the model asked directly, alternately. The command starts the model at"
                        + " http://127.0.0.1:PORT/v1, where it serves the model `scripted` without a"
                        + " key; that must be the peer's upstream. It waits a minute for the peer.")
final class PeerCommand implements Callable<Integer> {
    private static final int STREAM_SECONDS = 20;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Console console;

    @Option(
            names = "--url",
            paramLabel = "URL",
            required = true,
            description = "The peer's API, ending in /v1.")
    @SuppressWarnings("NullAway.Init")
    private URI url;

    @Option(
            names = "--model",
            paramLabel = "M",
            required = true,
            description = "The model that the peer is asked for.")
    @SuppressWarnings("NullAway.Init")
    private String model;

    @Option(
            names = "--key",
            paramLabel = "K",
            description = "The API key that the peer wants. Default: none")
    private @Nullable String key;

    @Option(
            names = "--model-port",
            paramLabel = "PORT",
            defaultValue = "8090",
            description = "Where the scripted model serves. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Count modelPort;

    @Option(
            names = "--streams",
            paramLabel = "N,…",
            split = ",",
            defaultValue = "100,1000",
            description = "How many streams there are at once, by turns. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private List<Count> streams;

    @Mixin private final TrialOptions options = new TrialOptions();

    PeerCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var plan =
                new PeerPlan(
                        url,
                        model,
                        key,
                        modelPort.number(),
                        PATIENCE,
                        new LatencyPlan(options.rounds(), options.time(), options.warmUp()),
                        new StreamsPlan(
                                options.rounds(),
                                options.time(STREAM_SECONDS),
                                streams.stream().map(Count::number).toList(),
                                0,
                                Duration.ZERO));
        return new Trial(console)
                .run(
                        "peer",
                        options,
                        plan,
                        (folder, launcher, report) -> new Peer(plan, report).run(folder, launcher));
    }
}
