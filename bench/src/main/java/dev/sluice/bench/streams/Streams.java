package dev.sluice.bench.streams;

import dev.sluice.bench.fleet.Deployment;
import dev.sluice.bench.fleet.Launcher;
import dev.sluice.bench.fleet.Layout;
import dev.sluice.bench.fleet.Uses;
import dev.sluice.bench.load.Alternation;
import dev.sluice.bench.load.ChatSide;
import dev.sluice.bench.load.Load;
import dev.sluice.bench.load.Question;
import dev.sluice.bench.load.Side;
import dev.sluice.bench.report.Report;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// One trial: so many streams at once, from the model directly and through Sluice, alternately; and
/// then streams that say nothing.
public final class Streams {
    private static final double TOKENS_PER_SECOND = 20;
    private static final Question WARM_UP = Question.story(40, 200);
    private static final int WARM_UP_IN_FLIGHT = 64;

    private final StreamsPlan plan;
    private final Report report;
    private final Question story;
    private final IdleStreams idle;

    public Streams(StreamsPlan plan, Report report) {
        this.plan = plan;
        this.report = report;
        this.story =
                Question.story(
                        (int) (plan.time().toMillis() * TOKENS_PER_SECOND / 1_000),
                        TOKENS_PER_SECOND);
        this.idle = new IdleStreams(new Opening(plan.idle()), plan.silence(), report);
    }

    /// Makes the trial, tells the report, and returns whether no token was lost and no stream
    /// failed.
    ///
    /// @param folder of data, which is removed in the end, and of logs
    /// @throws dev.sluice.bench.fleet.FleetException if a process does not start
    /// @throws IllegalStateException if the system does not allow so many open files
    public boolean run(Path folder, Launcher launcher) throws InterruptedException {
        plan.checkFiles();
        String script = Question.script(WARM_UP, story, idle.question());
        try (var deployment = Deployment.start(folder, launcher, Layout.plain(script));
                var load = new Load()) {
            Side direct = new ChatSide("direct", deployment.model(), Layout.MODEL, null, load);
            Side sluice = new ChatSide("sluice", deployment.gateway(), Layout.PLAIN, null, load);
            for (Side side : List.of(direct, sluice)) {
                load.once(side, WARM_UP);
                load.inFlight(side, WARM_UP, WARM_UP_IN_FLIGHT, plan.time().dividedBy(2));
            }
            report.progress("everything serves and is warm");
            // Before the others, which leave garbage and buffers behind.
            boolean silent = idle.measure(deployment, load, sluice);
            List<Opening> openings = plan.streams().stream().map(Opening::new).toList();
            Alternation<Opening, Side, Crowd> measured =
                    Alternation.of(
                            plan.rounds(),
                            openings,
                            List.of(direct, sluice),
                            (opening, side, round) ->
                                    measure(deployment, load, opening, side, round));
            return new StreamsTable(report).tell(openings, direct, sluice, measured) && silent;
        }
    }

    private Crowd measure(Deployment deployment, Load load, Opening opening, Side side, int round)
            throws InterruptedException {
        Uses before = deployment.uses();
        // When the first streams are about to end.
        Duration later = plan.time().minus(opening.time());
        Opening.Seen<Uses> seen =
                opening.open(
                        load,
                        side,
                        story,
                        later.isPositive() ? later.dividedBy(2) : Duration.ZERO,
                        deployment::uses);
        Crowd crowd = Crowd.of(seen.streams(), deployment.uses().since(before), seen.sight());
        report.progress(
                "round %d of %d, %d streams, %s: %d tokens, %d lost"
                        .formatted(
                                round + 1,
                                plan.rounds(),
                                opening.streams(),
                                side.name(),
                                crowd.streams().tokens(),
                                crowd.streams().lost()));
        return crowd;
    }
}
