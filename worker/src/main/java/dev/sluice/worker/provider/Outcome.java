package dev.sluice.worker.provider;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.run.Model.Answer.Turn;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How one attempt at a call ended.
sealed interface Outcome {
    /// With a complete turn.
    record Complete(Turn turn) implements Outcome {}

    /// Without one.
    ///
    /// @param status the HTTP status it came with, 0 where there was none
    /// @param again whether another attempt may do better; never once a part of an answer came
    /// @param retryAfter how long the provider asked to be left alone
    record Broken(
            Failure failure, Usage usage, int status, boolean again, @Nullable Duration retryAfter)
            implements Outcome {
        /// A failure for good, after `usage`.
        static Broken forGood(Failure failure, Usage usage) {
            return new Broken(failure, usage, 0, false, null);
        }

        /// A failure before the provider answered.
        static Broken unanswered(Failure failure) {
            return new Broken(failure, Usage.NONE, 0, true, null);
        }
    }
}
