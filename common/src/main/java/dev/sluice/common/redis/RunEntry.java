package dev.sluice.common.redis;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What Redis knows of one run: where in the log its contents are, and how far it has come.
///
/// @param attempt the last attempt; 0 before the first
/// @param lease the lease under which it executes or executed; null before the first claim
/// @param cancelled whether somebody wants it cancelled
/// @param partition the partition of the reply topic that has its events
/// @param from a position there before which it has none
/// @param steps where its steps are, as far as it is known
/// @param lane the queue in which it waits, or waited, for a worker
/// @param offer where the offer that was claimed stands in its lane's topic; before the first claim
///   the one that was published, or null where none is known to be
/// @param key the id of the key that started it; null where none was needed
/// @param job the job that asked for it; null where a client did over HTTP
public record RunEntry(
        RunId run,
        State state,
        int attempt,
        @Nullable String lease,
        boolean cancelled,
        int partition,
        long from,
        List<StepOffset> steps,
        Lane lane,
        @Nullable Offer offer,
        String agent,
        @Nullable String key,
        boolean background,
        OnDisconnect onDisconnect,
        Map<String, String> metadata,
        Instant accepted,
        Instant deadline,
        @Nullable JobOrigin job) {
    public RunEntry {
        steps = List.copyOf(steps);
    }

    /// The entry of a run that is made known by this request.
    public static RunEntry of(RunRequest request) {
        return new RunEntry(
                request.run(),
                new State.Queued(),
                0,
                null,
                false,
                request.replyPartition(),
                request.journalFrom(),
                List.of(),
                request.lane(),
                null,
                request.agent(),
                request.key(),
                request.background(),
                request.onDisconnect(),
                request.metadata(),
                request.acceptedAt(),
                request.deadline(),
                request.job());
    }

    /// The same run in another state than Redis has been told.
    public RunEntry in(State known) {
        return new RunEntry(
                run,
                known,
                attempt,
                lease,
                cancelled,
                partition,
                from,
                steps,
                lane,
                offer,
                agent,
                key,
                background,
                onDisconnect,
                metadata,
                accepted,
                deadline,
                job);
    }

    /// Whether nobody may have published the run, since whoever made it known may have died before;
    /// or its offer may be lost, since no worker has said by now that its deadline has passed.
    public boolean unpublished(Instant now) {
        return state instanceof State.Queued
                && attempt == 0
                && (offer == null || deadline.isBefore(now));
    }

    /// How far a run has come.
    public sealed interface State {
        /// No worker has it.
        record Queued() implements State {}

        /// A worker has it.
        record Claimed() implements State {}

        /// It has ended. `offset` is that of its terminal event.
        record Ended(Status status, long offset, Instant at) implements State {}
    }

    /// How a run ended.
    public enum Status {
        /// As it should.
        @JsonProperty("completed")
        COMPLETED,
        /// With a failure.
        @JsonProperty("failed")
        FAILED,
        /// Because somebody wanted it to.
        @JsonProperty("cancelled")
        CANCELLED,
        /// Its deadline passed.
        @JsonProperty("expired")
        EXPIRED;

        /// The status that a terminal event leaves behind.
        public static Status of(RunEvent end) {
            return switch (end) {
                case RunEvent.RunCompleted _ -> COMPLETED;
                case RunEvent.RunCancelled _ -> CANCELLED;
                case RunEvent.RunFailed(Failure.DeadlineExceeded _, _) -> EXPIRED;
                default -> FAILED;
            };
        }
    }

    /// Where an offer stands in a runs topic.
    ///
    /// @param lane the lane whose topic that is
    public record Offer(Lane lane, int partition, long offset) {
        private static final String BATCH = Lane.BATCH.wireName() + ":";

        /// `partition:offset`, as workers wrote it before there were lanes; of the batch lane
        /// `batch:partition:offset`.
        @Override
        public String toString() {
            String place = partition + ":" + offset;
            return switch (lane) {
                case INTERACTIVE -> place;
                case BATCH -> BATCH + place;
            };
        }

        /// The offer that [#toString()] names.
        static Offer parse(String text) {
            boolean batch = text.startsWith(BATCH);
            String place = batch ? text.substring(BATCH.length()) : text;
            int colon = place.indexOf(':');
            return new Offer(
                    batch ? Lane.BATCH : Lane.INTERACTIVE,
                    Integer.parseInt(place.substring(0, colon)),
                    Long.parseLong(place.substring(colon + 1)));
        }
    }

    /// Where a step stands in the log.
    ///
    /// @param ordinal which of the run's steps it is, from 1
    public record StepOffset(int ordinal, long offset) {
        @Override
        public String toString() {
            return ordinal + ":" + offset;
        }

        /// The step that [#toString()] names.
        static StepOffset parse(String text) {
            int colon = text.indexOf(':');
            return new StepOffset(
                    Integer.parseInt(text.substring(0, colon)),
                    Long.parseLong(text.substring(colon + 1)));
        }
    }
}
