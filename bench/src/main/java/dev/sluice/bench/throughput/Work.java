package dev.sluice.bench.throughput;

import dev.sluice.bench.fleet.Layout;
import dev.sluice.bench.load.Question;
import java.time.Duration;
import java.util.List;

/// A kind of runs.
///
/// @param agent that is asked
/// @param most how many are under way at once, slots allowing: enough to saturate this machine, and
///   not so many that all they do is wait
record Work(String name, String agent, Question question, int most) {
    private static final int TURNS = 256;
    private static final int TOOL_LOOPS = 64;

    /// What is measured, with a model that is silent for so long.
    static List<Work> with(Duration modelDelay) {
        var turns = new Work("one turn", Layout.PLAIN, Question.turn(modelDelay), TURNS);
        return modelDelay.isZero()
                ? List.of(
                        turns,
                        new Work(
                                "three turns, two tool calls",
                                Layout.TOOLS,
                                Question.toolLoop(),
                                TOOL_LOOPS))
                : List.of(turns);
    }

    /// How many to keep under way: where slots bound the runs, twice as many as there are, so that
    /// none is ever free.
    int inFlight(int workers, int slots) {
        return Math.min(most, 2 * workers * slots);
    }
}
