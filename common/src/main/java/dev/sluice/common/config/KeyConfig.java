package dev.sluice.common.config;

import dev.sluice.common.config.binding.Checks;
import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An API key that clients present.
@Doc("An API key that clients present.")
public record KeyConfig(
        @Doc("Names the key in logs, metrics and events.") String id,
        @Doc("The key itself, best by reference: `\"${SLUICE_KEY}\"`.") @Nullable Secret key,
        @Doc("The SHA-256 of the key in hexadecimal, instead of the key.") @Nullable Secret sha256,
        @Doc("When it ceases to be valid: `2027-01-31T00:00:00Z`.") @Nullable Instant expiresAt,
        @Doc(
                        "Patterns of the agents it may use, in which `*` stands for any text; all where empty.")
                List<String> agents,
        @Nullable RateLimit rateLimit,
        @Doc("Whether it may use `/admin`.") @Default("false") boolean admin) {

    /// How much a key may ask for.
    @Doc("How much the key may ask for.")
    public record RateLimit(
            @Doc("Requests in any 60 seconds, over all gateways together.") int requestsPerMinute) {
        public RateLimit {
            new Checks()
                    .that(
                            requestsPerMinute >= 1 && requestsPerMinute <= 1_000_000,
                            "requests_per_minute",
                            "must be between 1 and 1000000")
                    .done();
        }
    }

    public KeyConfig {
        agents = List.copyOf(agents);
        new Checks()
                .that(!id.isBlank(), "id", "must not be blank")
                .that(
                        key != null || sha256 != null,
                        null,
                        "needs key or sha256, has neither",
                        "key",
                        "sha256")
                .that(
                        key == null || sha256 == null,
                        null,
                        "has both key and sha256, must have one of them")
                .that(key == null || !key.reveal().isBlank(), "key", "must not be blank")
                .that(
                        sha256 == null || sha256.reveal().matches("[0-9a-fA-F]{64}"),
                        "sha256",
                        "must be 64 hexadecimal digits")
                .done();
    }

    /// Whether the key may use this agent.
    public boolean admits(String agent) {
        return agents.isEmpty()
                || agents.stream().anyMatch(pattern -> ToolFilter.matches(pattern, agent));
    }
}
