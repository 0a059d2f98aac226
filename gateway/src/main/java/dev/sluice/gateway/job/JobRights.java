package dev.sluice.gateway.job;

import dev.sluice.common.config.JobsConfig;
import dev.sluice.common.config.KeyConfig;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.Lane;
import dev.sluice.gateway.http.access.Denials;
import dev.sluice.gateway.http.access.Denials.Denial;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Says under whose rights a job runs, if it may. Safe for any thread.
final class JobRights {
    /// The code of a refusal of whoever may submit nothing.
    static final String NOT_ADMITTED = "source_not_admitted";

    private static final String SOURCE = "source";
    private static final String PRIORITY = "priority";

    private final SluiceConfig config;
    private final Map<String, KeyConfig> keys;
    private final Clock clock;
    private final Denials denials;

    JobRights(SluiceConfig config, Clock clock, Denials denials) {
        this.config = config;
        this.denials = denials;
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

    /// Judges a job for that agent in that lane, and tells of one that is denied.
    Verdict judge(JobOrigin job, String agent, Lane lane) {
        String source = job.source();
        if (keys.isEmpty()) {
            return config.agents().containsKey(agent)
                    ? new Verdict.Admitted(null)
                    : new Verdict.Refused(new Failure.AgentNotFound(agent));
        }
        Optional<JobsConfig.Source> entry = config.jobs().source(source);
        KeyConfig key = entry.map(JobsConfig.Source::key).map(keys::get).orElse(null);
        if (key == null) {
            denials.denied(Denial.source(agent), job.id(), source);
            return refused(SOURCE, NOT_ADMITTED, "no key is configured for '" + source + "'.");
        }
        if (lane == Lane.INTERACTIVE && !entry.get().interactive()) {
            return refused(
                    PRIORITY,
                    "priority_not_allowed",
                    "jobs of '" + source + "' run in the batch lane, see jobs.sources.");
        }
        return judge(key, job, agent);
    }

    private Verdict judge(KeyConfig key, JobOrigin job, String agent) {
        String source = job.source();
        if (key.expiresAt() != null && !clock.instant().isBefore(key.expiresAt())) {
            denials.denied(Denial.unauthenticated(true, key.id()), job.id(), source);
            return refused(SOURCE, "key_expired", "the key of '" + source + "' has expired.");
        }
        boolean exists = config.agents().containsKey(agent);
        if (exists && key.admits(agent)) {
            return new Verdict.Admitted(key.id());
        }
        if (exists) {
            denials.denied(Denial.agent(key.id(), agent), job.id(), source);
        }
        return new Verdict.Refused(new Failure.AgentNotFound(agent));
    }

    private static Verdict refused(String field, String code, String problem) {
        return new Verdict.Refused(
                new Failure.InvalidRequest(
                        field, "Invalid '%s': %s".formatted(field, problem), code));
    }
}
