package dev.sluice.bench.load;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/// Counts what one side answers while it is measured. Lives on the load's event loop, and belongs
/// to whoever began it once it is over.
public final class Tally {
    private static final int DIGITS = 3;
    private static final int MOST_FAILURES = 20;

    private final Histogram firstToken = new Histogram(DIGITS);
    private final Histogram gap = new Histogram(DIGITS);
    private final Histogram whole = new Histogram(DIGITS);
    private final Histogram late = new Histogram(DIGITS);
    private final Map<String, Integer> failures = new LinkedHashMap<>();
    private final long end;
    private long answered;
    private long ended;
    private long tokens;
    private long lost;
    private long failed;

    /// @param end the moment from which on nothing counts any more but failures
    Tally(long end) {
        this.end = end;
    }

    /// One for requests that count whenever they are answered.
    static Tally endless() {
        return new Tally(Long.MAX_VALUE);
    }

    /// A request was to begin at a moment, and begins now.
    void begun(long intended, long now) {
        late.recordValue(Math.max(0, now - intended));
    }

    /// The first tokens of an answer have come; they came together.
    void first(long from, long at, int count) {
        if (at < end) {
            firstToken.recordValue(at - from);
            gap.recordValueWithCount(0, count - 1L);
            tokens += count;
        }
    }

    /// Further tokens of an answer have come; they came together.
    void more(long before, long at, int count) {
        if (at < end) {
            gap.recordValue(at - before);
            gap.recordValueWithCount(0, count - 1L);
            tokens += count;
        }
    }

    /// An answer is whole.
    public void answered(long from, long at) {
        ended++;
        if (at < end) {
            whole.recordValue(at - from);
            answered++;
        }
    }

    /// Tokens that the script has and the answer had not.
    void lost(int count) {
        lost += count;
    }

    /// A request got no answer, or not the script's.
    void failed(String why) {
        failed++;
        if (failures.size() < MOST_FAILURES || failures.containsKey(why)) {
            failures.merge(why, 1, Integer::sum);
        }
    }

    /// What was counted.
    ///
    /// @param seconds it was counted for
    Measured measured(double seconds) {
        return new Measured(
                Percentiles.of(firstToken),
                Percentiles.of(gap),
                Percentiles.of(whole),
                Percentiles.of(late),
                answered,
                ended,
                tokens,
                lost,
                failed,
                Map.copyOf(failures),
                seconds);
    }
}
