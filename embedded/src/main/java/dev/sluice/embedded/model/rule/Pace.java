package dev.sluice.embedded.model.rule;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// How fast an answer comes: a pause before the first token, then a steady rate.
///
/// @param firstToken the pause before the first token
/// @param tokensPerSecond the rate from then on; infinite: all at once
public record Pace(Duration firstToken, double tokensPerSecond) {

    /// No pause at all.
    public static final Pace NONE = new Pace(Duration.ZERO, Double.POSITIVE_INFINITY);

    public Pace {
        if (firstToken.isNegative()) {
            throw new IllegalArgumentException("first_token: " + firstToken + " is negative");
        }
        if (!(tokensPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "tokens_per_second: " + tokensPerSecond + " is not positive");
        }
    }

    /// How many of the tokens are due `elapsed` nanoseconds after the request.
    public long due(long elapsed) {
        long streaming = elapsed - firstToken.toNanos();
        if (streaming < 0) {
            return 0;
        }
        return Double.isInfinite(tokensPerSecond)
                ? Long.MAX_VALUE
                : 1 + (long) (streaming * tokensPerSecond / TimeUnit.SECONDS.toNanos(1));
    }

    /// When token number `index`, counted from 0, is due, in nanoseconds after the request.
    public long dueAt(long index) {
        return firstToken.toNanos()
                + (long) Math.ceil(index * TimeUnit.SECONDS.toNanos(1) / tokensPerSecond);
    }
}
