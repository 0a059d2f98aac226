package dev.sluice.bench.latency;

import dev.sluice.bench.load.Alternation;
import dev.sluice.bench.load.Load;
import dev.sluice.bench.load.Measured;
import dev.sluice.bench.load.Question;
import dev.sluice.bench.load.Side;
import dev.sluice.bench.report.Report;
import java.util.List;

/// The latencies of some sides under all loads, measured alternately.
public final class Latencies {
    /// What the model must have answers for.
    public static final List<Question> QUESTIONS =
            List.of(Pattern.TURNS.getFirst().question(), Pattern.STORIES.getFirst().question());

    private static final int WARM_UP_IN_FLIGHT = 16;

    private final LatencyPlan plan;
    private final Report report;
    private final Load load;
    private final LatencyTable table;

    public Latencies(LatencyPlan plan, Report report, Load load) {
        this.plan = plan;
        this.report = report;
        this.load = load;
        this.table = new LatencyTable(report);
    }

    /// Measures short answers.
    ///
    /// @param sides the first of which is what the others are compared with
    public void ofTurns(List<Side> sides) throws InterruptedException {
        measure(Pattern.TURNS, sides);
    }

    /// Measures long answers.
    ///
    /// @param sides the first of which is what the others are compared with
    public void ofStories(List<Side> sides) throws InterruptedException {
        measure(Pattern.STORIES, sides);
    }

    /// Measures how many short answers there can be.
    ///
    /// @param sides the first of which is what the others are compared with
    public void ofSaturation(List<Side> sides) throws InterruptedException {
        measure(Pattern.SATURATION, sides);
    }

    private void measure(List<Pattern> patterns, List<Side> sides) throws InterruptedException {
        for (Side side : sides) {
            var first = patterns.getFirst();
            load.once(side, first.question());
            load.warmUp(
                    side,
                    first.question(),
                    Math.max(first.atOnce(), WARM_UP_IN_FLIGHT),
                    plan.warmUp());
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

    /// Tells the report, and returns whether every request was answered as the script says.
    public boolean tell() {
        return table.tell();
    }
}
