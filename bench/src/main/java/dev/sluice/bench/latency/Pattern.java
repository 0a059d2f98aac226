package dev.sluice.bench.latency;

import dev.sluice.bench.load.Load;
import dev.sluice.bench.load.Measured;
import dev.sluice.bench.load.Question;
import dev.sluice.bench.load.Side;
import java.time.Duration;
import java.util.List;

/// A load under which latency is measured.
///
/// @param perSecond how many requests begin in a second, whether or not others have ended; 0: one
///   at a time, the next when the last has ended
record Pattern(String name, Question question, double perSecond) {
    private static final Question TURN = Question.turn();
    private static final int STORY_TOKENS = 200;
    private static final double STORY_PACE = 1_000;
    private static final Question STORY = Question.story(STORY_TOKENS, STORY_PACE);

    /// Turns of eight tokens that come all at once.
    static final List<Pattern> TURNS =
            List.of(
                    new Pattern("one at a time", TURN, 0),
                    new Pattern("50 requests/s", TURN, 50),
                    new Pattern("200 requests/s", TURN, 200));

    /// Long answers.
    static final List<Pattern> STORIES = List.of(new Pattern(STORY_TOKENS + " tokens", STORY, 0));

    Measured measure(Load load, Side side, Duration time) throws InterruptedException {
        return perSecond == 0
                ? load.inFlight(side, question, 1, time)
                : load.atRate(side, question, perSecond, time);
    }
}
