package dev.sluice.gateway.dialect.runs;

import dev.sluice.common.journal.History;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.State;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How far a run has come, as its clients are told.
public enum RunStatus {
    /// No worker has it yet.
    QUEUED,
    /// A worker executes it.
    RUNNING,
    /// It waits for somebody's decision. No run does so yet; who asks for such runs finds none.
    WAITING,
    /// It ended as it should.
    COMPLETED,
    /// It ended with a failure.
    FAILED,
    /// It was cancelled.
    CANCELLED,
    /// Its deadline passed.
    EXPIRED;

    /// How far a run has come by what is known of it. Its journal, where it was read, knows first.
    public static RunStatus of(RunEntry run, @Nullable History history) {
        if (history != null && history.end() != null) {
            return of(RunEntry.Status.of(history.end().event()));
        }
        return switch (run.state()) {
            // No worker will begin it, whoever meets it says so.
            case State.Queued _ -> run.cancelled() ? CANCELLED : QUEUED;
            case State.Claimed _ -> RUNNING;
            case State.Ended(var status, _, _) -> of(status);
        };
    }

    private static RunStatus of(RunEntry.Status status) {
        return switch (status) {
            case COMPLETED -> COMPLETED;
            case FAILED -> FAILED;
            case CANCELLED -> CANCELLED;
            case EXPIRED -> EXPIRED;
        };
    }

    /// The status of that name.
    public static Optional<RunStatus> named(String name) {
        return Arrays.stream(values()).filter(one -> one.wireName().equals(name)).findFirst();
    }

    /// All names, for a sentence that lists them.
    public static String names() {
        return Arrays.stream(values())
                .map(one -> "'" + one.wireName() + "'")
                .collect(Collectors.joining(", "));
    }

    /// The name that clients know it by.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
