package dev.sluice.bench.latency;

import dev.sluice.bench.load.Load;
import dev.sluice.bench.load.Measured;
import dev.sluice.bench.load.Question;
import dev.sluice.bench.load.Side;
import java.time.Duration;
import java.util.List;

/// A load under which latency is measured.
///
/// @param perSecond how many requests begin in a second, whether or not others have ended; 0: the
///   next begins when one has ended
/// @param atOnce how many are under way then
record Pattern(String name, Question question, double perSecond, int atOnce) {
    private static final Question TURN = Question.turn();
    private static final int STORY_TOKENS = 200;
    private static final double STORY_PACE = 1_000;
    private static final int CROWD = 256;
    private static final Question STORY = Question.story(STORY_TOKENS, STORY_PACE);

    /// Turns of eight tokens that come all at once.
    static final List<Pattern> TURNS =
            List.of(
                    new Pattern("one at a time", TURN, 0, 1),
                    new Pattern("50 requests/s", TURN, 50, 0),
                    new Pattern("200 requests/s", TURN, 200, 0));

    /// Long answers.
    static final List<Pattern> STORIES =
            List.of(new Pattern(STORY_TOKENS + " tokens", STORY, 0, 1));

    /// Turns, so many at once that nothing more gets through.
    static final List<Pattern> SATURATION =
            List.of(new Pattern(CROWD + " at once", TURN, 0, CROWD));

    Measured measure(Load load, Side side, Duration time) throws InterruptedException {
        return perSecond == 0
                ? load.inFlight(side, question, atOnce, time)
                : load.atRate(side, question, perSecond, time);
    }
}
