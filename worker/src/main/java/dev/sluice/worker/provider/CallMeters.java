package dev.sluice.worker.provider;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Usage;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;

/// Measures the calls of one provider.
record CallMeters(MeterRegistry registry, String provider) {
    /// A call came to its end, retries included. `outcome` is `ok`, `cancelled` or the failure's
    /// [name][#name(Failure)].
    void ended(String outcome, Duration took) {
        registry.timer("sluice.upstream.calls", "provider", provider, "outcome", outcome)
                .record(took);
    }

    /// The first piece of an answer came.
    void firstToken(Duration after) {
        registry.timer("sluice.upstream.first.token", "provider", provider).record(after);
    }

    /// A call is about to be tried again.
    void retried() {
        registry.counter("sluice.upstream.retries", "provider", provider).increment();
    }

    /// The provider counted tokens.
    void tokens(Usage usage) {
        tokens("input", usage.input());
        tokens("output", usage.output());
    }

    /// A failure's kind as metrics and logs have it: `upstream_failed`.
    static String name(Failure failure) {
        return failure.getClass()
                .getSimpleName()
                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                .toLowerCase(Locale.ROOT);
    }

    private void tokens(String kind, long count) {
        registry.counter("sluice.tokens", "provider", provider, "kind", kind)
                .increment((double) count);
    }
}
