package dev.sluice.worker.provider;

import dev.sluice.common.config.ProviderConfig.Retries;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/// How long to wait before a call is tried again.
///
/// @param jitter numbers from 0 to 1, which spread the waits by a quarter to either side
record Backoff(Retries retries, DoubleSupplier jitter) {

    /// The wait after attempt number `attempt`, the first being 1; null if there is to be no
    /// further one.
    @Nullable Duration after(int attempt, @Nullable Duration retryAfter) {
        if (attempt >= retries.maxAttempts()) {
            return null;
        }
        Duration longest = retries.maxBackoff();
        if (retryAfter != null) {
            return retryAfter.compareTo(longest) > 0 ? null : retryAfter;
        }
        double doubled = retries.initialBackoff().toNanos() * Math.pow(2, attempt - 1);
        double spread = doubled * (0.75 + 0.5 * jitter.getAsDouble());
        return Duration.ofNanos((long) Math.min(spread, (double) longest.toNanos()));
    }
}
