package dev.sluice.bench.latency;

import dev.sluice.bench.echo.EchoSide;
import dev.sluice.bench.echo.RecordSizes;
import dev.sluice.bench.fleet.Deployment;
import dev.sluice.bench.fleet.Launcher;
import dev.sluice.bench.fleet.Layout;
import dev.sluice.bench.load.Alternation;
import dev.sluice.bench.load.ChatSide;
import dev.sluice.bench.load.Load;
import dev.sluice.bench.load.Measured;
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
    /// Enough at once for some thousands of requests within seconds.
    private static final int WARM_UP_IN_FLIGHT = 16;

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
        try (var deployment = Deployment.start(folder, launcher, Layout.plain(Pattern.SCRIPT));
                var load = new Load()) {
            Side direct = new ChatSide("direct", deployment.model(), Layout.MODEL, null, load);
            Side sluice = new ChatSide("sluice", deployment.gateway(), Layout.PLAIN, null, load);
            try (var echo = echo(deployment, load, sluice, folder)) {
                var table = new LatencyTable(report);
                measure(load, Pattern.TURNS, List.of(direct, echo, sluice), table);
                measure(load, Pattern.STORIES, List.of(direct, sluice), table);
                return table.tell();
            }
        }
    }

    /// The echo, with records of the size of a run's.
    private EchoSide echo(Deployment deployment, Load load, Side sluice, Path folder)
            throws InterruptedException {
        load.once(sluice, Pattern.TURNS.getFirst().question());
        var settings = KafkaSettings.of(ConfigLoader.load(deployment.configFile(), Map.of()));
        var sizes = RecordSizes.measure(settings, new Topics("sluice"));
        report.put("record_sizes", sizes);
        report.progress(
                "a run's request is a record of %d bytes, its last reply one of %d"
                        .formatted(sizes.request(), sizes.reply()));
        return EchoSide.start(load.loop(), deployment.configFile(), settings, sizes, folder);
    }

    private void measure(Load load, List<Pattern> patterns, List<Side> sides, LatencyTable table)
            throws InterruptedException {
        for (Side side : sides) {
            var question = patterns.getFirst().question();
            load.once(side, question);
            load.inFlight(side, question, WARM_UP_IN_FLIGHT, plan.warmUp());
        }
        Alternation<Pattern, Side, Measured> measured =
                Alternation.of(
                        plan.rounds(),
                        patterns,
                        sides,
                        (pattern, side, round) -> {
                            Measured one = pattern.measure(load, side, plan.time());
                            report.progress(
                                    "round %d of %d, %s, %s: %d answers"
                                            .formatted(
                                                    round + 1,
                                                    plan.rounds(),
                                                    pattern.name(),
                                                    side.name(),
                                                    one.answered()));
                            return one;
                        });
        table.add(patterns, sides, measured);
    }
}
