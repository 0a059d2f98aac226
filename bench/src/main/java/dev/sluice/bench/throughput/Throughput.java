package dev.sluice.bench.throughput;

import static dev.sluice.bench.report.Table.number;

import dev.sluice.bench.fleet.Deployment;
import dev.sluice.bench.fleet.Launcher;
import dev.sluice.bench.fleet.Layout;
import dev.sluice.bench.fleet.Part;
import dev.sluice.bench.fleet.Uses;
import dev.sluice.bench.load.Alternation;
import dev.sluice.bench.load.ChatSide;
import dev.sluice.bench.load.Load;
import dev.sluice.bench.load.Measured;
import dev.sluice.bench.load.Percentiles;
import dev.sluice.bench.load.Question;
import dev.sluice.bench.report.Report;
import dev.sluice.bench.report.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One trial: as many runs as there can be, with one worker and with more, by turns.
public final class Throughput {
    private static final List<Part> PARTS =
            List.of(
                    Part.GATEWAY,
                    Part.WORKER,
                    Part.BROKER,
                    Part.REDIS,
                    Part.MODEL,
                    Part.TOOLS,
                    Part.LOAD);

    private final ThroughputPlan plan;
    private final Report report;
    private final List<Work> works;

    public Throughput(ThroughputPlan plan, Report report) {
        this.plan = plan;
        this.report = report;
        this.works = Work.with(plan.modelDelay());
    }

    /// Makes the trial, tells the report, and returns whether every run ended as the script says.
    ///
    /// @param folder of data, which is removed in the end, and of logs
    /// @throws dev.sluice.bench.fleet.FleetException if a process does not start or end
    public boolean run(Path folder, Launcher launcher) throws InterruptedException {
        String script = Question.script(works.stream().map(Work::question).toList());
        var layout =
                new Layout(script, 0, plan.workers().getFirst(), plan.slots(), works.size() > 1);
        try (var deployment = Deployment.start(folder, launcher, layout);
                var load = new Load()) {
            report.progress("everything serves");
            return tell(
                    Alternation.of(
                            plan.rounds(),
                            plan.workers(),
                            works,
                            (workers, work, round) ->
                                    measure(deployment, load, workers, work, round)));
        }
    }

    private Cost measure(Deployment deployment, Load load, int workers, Work work, int round)
            throws InterruptedException {
        var side = new ChatSide("sluice", deployment.gateway(), work.agent(), null, load);
        int inFlight = work.inFlight(workers, plan.slots());
        deployment.workers(workers);
        load.once(side, work.question());
        load.warmUp(side, work.question(), inFlight, plan.warmUp());
        Uses before = deployment.uses();
        Measured runs = load.inFlight(side, work.question(), inFlight, plan.time());
        Cost cost = Cost.of(runs, deployment.uses().since(before));
        report.progress(
                "round %d of %d, %d workers, %s: %s runs/s"
                        .formatted(
                                round + 1,
                                plan.rounds(),
                                workers,
                                work.name(),
                                number(runs.rate(), 0)));
        return cost;
    }

    private boolean tell(Alternation<Integer, Work, Cost> costs) {
        var table =
                new Table(
                        1, "runs", "workers", "runs/s", "p50 ms", "p99 ms", "cpu", "gateway",
                        "worker", "broker", "redis", "model", "tools", "load", "failed");
        List<String> complaints = new ArrayList<>();
        for (Work work : works) {
            for (int workers : plan.workers()) {
                List<Cost> rounds = costs.of(workers, work);
                report.put("%s, %d workers".formatted(work.name(), workers), rounds);
                table.row(row(work, workers, rounds));
                rounds.stream()
                        .filter(round -> !round.runs().clean())
                        .map(round ->
                                "%s, %d workers: %d failed, %d tokens lost: %s"
                                        .formatted(
                                                work.name(),
                                                workers,
                                                round.runs().failed(),
                                                round.runs().lost(),
                                                round.runs().failures()))
                        .forEach(complaints::add);
            }
        }
        report.table("runs at saturation, and CPU ms a run, of all parts and of each", table);
        report.remarks(complaints);
        return complaints.isEmpty();
    }

    private static List<String> row(Work work, int workers, List<Cost> rounds) {
        Percentiles whole =
                Percentiles.median(rounds.stream().map(round -> round.runs().whole()).toList());
        List<String> cells =
                new ArrayList<>(
                        List.of(
                                work.name(),
                                String.valueOf(workers),
                                number(Percentiles.median(rounds, cost -> cost.runs().rate()), 0),
                                number(whole.p50(), 1),
                                number(whole.p99(), 1),
                                number(Percentiles.median(rounds, Cost::millisPerRun), 3)));
        PARTS.forEach(part ->
                cells.add(number(Percentiles.median(rounds, cost -> cost.millisPerRun(part)), 3)));
        cells.add(String.valueOf(rounds.stream().mapToLong(cost -> cost.runs().failed()).sum()));
        return cells;
    }
}
