package dev.sluice.bench.latency;

import dev.sluice.bench.echo.EchoSide;
import dev.sluice.bench.echo.RecordSizes;
import dev.sluice.bench.fleet.Deployment;
import dev.sluice.bench.fleet.Launcher;
import dev.sluice.bench.fleet.Layout;
import dev.sluice.bench.load.ChatSide;
import dev.sluice.bench.load.Load;
import dev.sluice.bench.load.Question;
import dev.sluice.bench.load.Side;
import dev.sluice.bench.report.Report;
import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// One trial: the model asked directly, the echo and Sluice, alternately.
public final class Latency {
    private final LatencyPlan plan;
    private final Report report;

    public Latency(LatencyPlan plan, Report report) {
        this.plan = plan;
        this.report = report;
    }

    /// Makes the trial, tells the report, and returns whether every request was answered as the
    /// script says.
    ///
    /// @param folder of data, which is removed in the end, and of logs
    /// @throws dev.sluice.bench.fleet.FleetException if a process does not start
    public boolean run(Path folder, Launcher launcher) throws InterruptedException {
        try (var deployment =
                        Deployment.start(
                                folder,
                                launcher,
                                Layout.plain(Question.script(Latencies.QUESTIONS)));
                var load = new Load()) {
            Side direct = new ChatSide("direct", deployment.model(), Layout.MODEL, null, load);
            Side sluice = new ChatSide("sluice", deployment.gateway(), Layout.PLAIN, null, load);
            try (var echo = echo(deployment, load, sluice, folder)) {
                var latencies = new Latencies(plan, report, load);
                latencies.ofTurns(List.of(direct, echo, sluice));
                latencies.ofStories(List.of(direct, sluice));
                return latencies.tell();
            }
        }
    }

    /// The echo, with records of the size of a run's.
    private EchoSide echo(Deployment deployment, Load load, Side sluice, Path folder)
            throws InterruptedException {
        load.once(sluice, Question.turn());
        var settings = KafkaSettings.of(ConfigLoader.load(deployment.configFile(), Map.of()));
        var sizes = RecordSizes.measure(settings, new Topics("sluice"));
        report.put("record_sizes", sizes);
        report.progress(
                "a run's request is a record of %d bytes, its last reply one of %d"
                        .formatted(sizes.request(), sizes.reply()));
        return EchoSide.start(load.loop(), deployment.configFile(), settings, sizes, folder);
    }
}
