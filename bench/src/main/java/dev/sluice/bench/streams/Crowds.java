package dev.sluice.bench.streams;

import dev.sluice.bench.fleet.Deployment;
import dev.sluice.bench.fleet.Uses;
import dev.sluice.bench.load.Alternation;
import dev.sluice.bench.load.Load;
import dev.sluice.bench.load.Question;
import dev.sluice.bench.load.Side;
import dev.sluice.bench.report.Report;
import java.time.Duration;
import java.util.List;

/// Many streams at once, on some sides alternately.
public final class Crowds {
    private static final double TOKENS_PER_SECOND = 20;
    private static final Question WARM_UP = Question.story(40, 1_000);
    private static final int WARM_UP_IN_FLIGHT = 64;

    private final StreamsPlan plan;
    private final Report report;
    private final Question story;

    public Crowds(StreamsPlan plan, Report report) {
        this.plan = plan;
        this.report = report;
        this.story =
                Question.story(
                        (int) (plan.time().toMillis() * TOKENS_PER_SECOND / 1_000),
                        TOKENS_PER_SECOND);
    }

    /// What the model must have answers for.
    public List<Question> questions() {
        return List.of(WARM_UP, story);
    }

    /// What is asked of it while it is measured.
    Question story() {
        return story;
    }

    /// Lets every side stream until it gets no faster.
    public void warmUp(Load load, List<Side> sides) throws InterruptedException {
        for (Side side : sides) {
            load.once(side, WARM_UP);
            load.warmUp(side, WARM_UP, WARM_UP_IN_FLIGHT, plan.time().dividedBy(2));
        }
        report.progress("everything serves and is warm");
    }

    /// Measures, tells the report, and returns whether no token was lost and no stream failed.
    ///
    /// @param deployment whose parts' use is told
    /// @param sides the first of which is what the others are compared with, and the last of which
    ///   is the deployment's
    public boolean measure(Deployment deployment, Load load, List<Side> sides)
            throws InterruptedException {
        List<Opening> openings = plan.streams().stream().map(Opening::new).toList();
        Alternation<Opening, Side, Crowd> measured =
                Alternation.of(
                        plan.rounds(),
                        openings,
                        sides,
                        (opening, side, round) -> {
                            Crowd crowd = measure(deployment, load, opening, side);
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
                        });
        return new StreamsTable(report).tell(openings, sides, measured);
    }

    private Crowd measure(Deployment deployment, Load load, Opening opening, Side side)
            throws InterruptedException {
        Uses before = deployment.uses();
        // Halfway between the last opening and the first end.
        Duration allOpen = plan.time().minus(opening.time());
        Opening.Seen<Uses> seen =
                opening.open(
                        load,
                        side,
                        story,
                        allOpen.isPositive() ? allOpen.dividedBy(2) : Duration.ZERO,
                        deployment::uses);
        return Crowd.of(seen.streams(), deployment.uses().since(before), seen.sight());
    }
}
