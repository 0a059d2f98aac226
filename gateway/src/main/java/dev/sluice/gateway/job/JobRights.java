package dev.sluice.gateway.job;

import dev.sluice.common.config.KeyConfig;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.run.Failure;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Says under whose rights a job runs, if it may. Safe for any thread.
final class JobRights {
    private static final String SOURCE = "source";

    private final SluiceConfig config;
    private final Map<String, KeyConfig> keys;
    private final Clock clock;

    JobRights(SluiceConfig config, Clock clock) {
        this.config = config;
        this.keys =
                config.keys().stream()
                        .collect(Collectors.toUnmodifiableMap(KeyConfig::id, Function.identity()));
        this.clock = clock;
    }

    /// What a job may do.
    sealed interface Verdict {
        /// Run, under this key; null where none is needed.
        record Admitted(@Nullable String key) implements Verdict {}

        /// Nothing.
        record Refused(Failure failure) implements Verdict {}
    }

    /// Judges a job of that source for that agent.
    Verdict judge(String source, String agent) {
        if (keys.isEmpty()) {
            return config.agents().containsKey(agent)
                    ? new Verdict.Admitted(null)
                    : new Verdict.Refused(new Failure.AgentNotFound(agent));
        }
        Optional<KeyConfig> key = config.jobs().key(source).map(keys::get);
        if (key.isEmpty()) {
            return refused("source_not_admitted", "no key is configured for '" + source + "'.");
        }
        return judge(key.get(), source, agent);
    }

    private Verdict judge(KeyConfig key, String source, String agent) {
        if (key.expiresAt() != null && !clock.instant().isBefore(key.expiresAt())) {
            return refused("key_expired", "the key of '" + source + "' has expired.");
        }
        return config.agents().containsKey(agent) && key.admits(agent)
                ? new Verdict.Admitted(key.id())
                : new Verdict.Refused(new Failure.AgentNotFound(agent));
    }

    private static Verdict refused(String code, String problem) {
        return new Verdict.Refused(
                new Failure.InvalidRequest(SOURCE, "Invalid 'source': " + problem, code));
    }
}
