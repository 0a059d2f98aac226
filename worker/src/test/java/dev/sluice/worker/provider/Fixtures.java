package dev.sluice.worker.provider;

import dev.sluice.common.config.ProviderConfig;
import dev.sluice.common.config.ProviderConfig.Retries;
import dev.sluice.common.config.ProviderConfig.Timeouts;
import dev.sluice.common.config.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The providers that the tests of this package ask.
final class Fixtures {
    static final Timeouts PATIENT =
            new Timeouts(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(30));
    static final Retries NONE = retries(1);

    private Fixtures() {}

    static Retries retries(int attempts) {
        return new Retries(attempts, Duration.ofMillis(10), Duration.ofMillis(200));
    }

    static ProviderConfig config(URI baseUrl, Timeouts timeouts, Retries retries) {
        return config(baseUrl, timeouts, retries, Map.of());
    }

    static ProviderConfig config(
            URI baseUrl, Timeouts timeouts, Retries retries, Map<String, JsonNode> extraBody) {
        return config(baseUrl, timeouts, retries, extraBody, 512, false);
    }

    /// One whose models continue what they are given.
    static ProviderConfig prefilled(URI baseUrl) {
        return config(baseUrl, PATIENT, NONE, Map.of(), 512, true);
    }

    /// One with so many connections at the most.
    static ProviderConfig bounded(URI baseUrl, int connections) {
        return config(baseUrl, PATIENT, NONE, Map.of(), connections, false);
    }

    private static ProviderConfig config(
            URI baseUrl,
            Timeouts timeouts,
            Retries retries,
            Map<String, JsonNode> extraBody,
            int connections,
            boolean prefill) {
        return new ProviderConfig(
                ProviderConfig.Kind.OPENAI,
                baseUrl,
                new Secret("sk-secret"),
                Map.of("x-tenant", new Secret("tenant-42")),
                timeouts,
                retries,
                extraBody,
                connections,
                prefill);
    }
}
