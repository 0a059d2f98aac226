package dev.sluice.gateway.job;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.gateway.dialect.Ask;
import org.jspecify.annotations.Nullable;

/// What a record of the jobs topic came to.
sealed interface Submission {
    /// Where it came from, and where its result is to go.
    JobOrigin origin();

    /// A job that may be run.
    ///
    /// @param key the id of the key whose rights it has; null where none is needed
    record Job(JobOrigin origin, Ask ask, @Nullable String key) implements Submission {
        /// That of what it asks for, whatever its bytes are.
        String digest() {
            return String.valueOf(origin.digest());
        }
    }

    /// One that may not, or is none, and why.
    record Refused(JobOrigin origin, Failure failure) implements Submission {}
}
