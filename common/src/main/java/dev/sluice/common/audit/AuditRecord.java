package dev.sluice.common.audit;

import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// One event of the audit stream, and whom it is about.
///
/// What happened once has one `id` however often it is written: whoever counts distinct ids is
/// right.
///
/// @param at when it happened, by the clock of the machine where it did, to the millisecond
/// @param attempt the attempt in which it happened; 0 where there was none
public record AuditRecord(String id, Instant at, Subject subject, int attempt, AuditEvent event) {

    public AuditRecord {
        at = at.truncatedTo(ChronoUnit.MILLIS);
    }

    /// Whom an event is about.
    ///
    /// @param run null for requests that became none
    /// @param key the id of the client's key; null where none is needed, or came
    /// @param job the id of the job that the run is; null where it is none
    public record Subject(
            @Nullable RunId run,
            @Nullable String key,
            @Nullable String agent,
            @Nullable String job) {
        /// That of a run.
        public static Subject of(RunRequest request) {
            return new Subject(
                    request.run(),
                    request.key(),
                    request.agent(),
                    request.job() == null ? null : request.job().id());
        }
    }

    /// A run was accepted.
    ///
    /// @param content whether to say what its client said
    public static AuditRecord accepted(RunRequest request, boolean content) {
        return new AuditRecord(
                request.run().value() + "/accepted",
                request.acceptedAt(),
                Subject.of(request),
                0,
                new AuditEvent.RunAccepted(
                        request.lane(),
                        request.background(),
                        request.deadline(),
                        request.messages().size(),
                        request.metadata(),
                        content ? request.messages() : null));
    }

    /// A run waits for a worker again.
    ///
    /// @param attempt the last that was made at it
    /// @param at since when, as far as whoever says so knows
    public static AuditRecord waiting(RunRequest request, int attempt, Instant at) {
        return new AuditRecord(
                request.run().value() + "/waiting/" + attempt,
                at,
                Subject.of(request),
                attempt,
                new AuditEvent.RunWaiting());
    }

    /// The key of its Kafka record: what is about a run is together. Null where it is about nobody
    /// who is known.
    public @Nullable String kafkaKey() {
        RunId run = subject.run();
        return run == null ? subject.key() : run.value();
    }

    /// The same without what people, models and tools said.
    public AuditRecord withoutContent() {
        return new AuditRecord(id, at, subject, attempt, event.withoutContent());
    }
}
