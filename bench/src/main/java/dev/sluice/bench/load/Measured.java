package dev.sluice.bench.load;

import java.util.Map;

/// What came of asking one side for a while.
///
/// @param firstToken from a request's intended start to its first token
/// @param gap between two consecutive tokens; 0 where they came together
/// @param whole from a request's intended start to the end of its answer
/// @param late by how much requests began later than intended: what the load generator itself, or a
///   busy machine, adds to the times
/// @param answered how many answers were whole and as the script says
/// @param ended the same with those that ended after the time: what all the work was done for
/// @param tokens how many tokens came
/// @param lost how many tokens of the script did not
/// @param failures how many of the failed requests failed for which reason
/// @param seconds how long it was
public record Measured(
        Percentiles firstToken,
        Percentiles gap,
        Percentiles whole,
        Percentiles late,
        long answered,
        long ended,
        long tokens,
        long lost,
        long failed,
        Map<String, Integer> failures,
        double seconds) {
    /// Answers a second.
    public double rate() {
        return answered / seconds;
    }

    /// Whether every request was answered, wholly.
    public boolean clean() {
        return failed == 0 && lost == 0 && ended > 0;
    }
}
