package dev.sluice.gateway.job;

import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.redis.JobOrigins;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import dev.sluice.common.run.TraceContext;
import dev.sluice.gateway.dialect.Ask;
import dev.sluice.gateway.job.JobMeters.Taken;
import dev.sluice.gateway.run.ReplyFollower;
import dev.sluice.gateway.run.ReplyRouter.Place;
import dev.sluice.gateway.run.RunPublisher;
import dev.sluice.gateway.run.RunPublisher.Published;
import io.vertx.core.Context;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes a run of each job, once: a repetition of one that has ended is sent its result again, and
/// what is no job is sent why not, and laid aside. Safe for any thread; nothing blocks.
final class JobIntake {
    private static final Logger LOG = LoggerFactory.getLogger(JobIntake.class);

    /// Keeps the ids of jobs' runs apart from those of requests with an idempotency key.
    private static final String ROUTE = "jobs";

    private final JobReader reader;
    private final Parts parts;
    private final Results results;
    private final RefusedJobs refused;
    private final Patience patience;
    private final JobMeters meters;

    /// What it needs of the gateway.
    ///
    /// @param longest how long a run may take
    /// @param context where publishing completes
    /// @param executor encodes what may be large
    record Parts(
            RunStates states,
            JobOrigins origins,
            Redis redis,
            RunPublisher publisher,
            ReplyFollower follower,
            Duration longest,
            Clock clock,
            Context context,
            Executor executor) {}

    JobIntake(
            JobReader reader,
            Parts parts,
            Results results,
            RefusedJobs refused,
            Patience patience,
            JobMeters meters) {
        this.reader = reader;
        this.parts = parts;
        this.results = results;
        this.refused = refused;
        this.patience = patience;
        this.meters = meters;
    }

    /// Deals with a record of the jobs topic. Completes when it need not be taken again.
    CompletionStage<Void> settle(ConsumerRecord<String, byte[]> record) {
        return switch (read(record)) {
            case Submission.Job job ->
                    patience.untilDone("starting a job's run", () -> start(record, job))
                            .exceptionallyCompose(failure ->
                                    patience.isClosed()
                                            ? CompletableFuture.failedStage(failure)
                                            : faulty(record, job, failure));
            case Submission.Refused(JobOrigin origin, Failure failure) ->
                    refused.refuse(record, origin, failure);
        };
    }

    private CompletionStage<Void> faulty(
            ConsumerRecord<String, byte[]> record, Submission.Job job, Throwable failure) {
        log(record, failure);
        return refused.refuse(record, job.origin(), new Failure.Internal());
    }

    private static void log(ConsumerRecord<String, byte[]> record, Throwable failure) {
        LOG.atError()
                .addKeyValue("topic", record.topic())
                .addKeyValue("partition", record.partition())
                .addKeyValue("offset", record.offset())
                .setCause(failure)
                .log("a job could not be dealt with");
    }

    /// A fault of ours in one record must not hold up all that follow.
    private Submission read(ConsumerRecord<String, byte[]> record) {
        try {
            return reader.read(record);
        } catch (RuntimeException e) {
            log(record, e);
            return new Submission.Refused(
                    new JobOrigin(RefusedJobs.letterId(record), "", null, null, null, false),
                    new Failure.Internal());
        }
    }

    private CompletionStage<Void> start(ConsumerRecord<String, byte[]> record, Submission.Job job) {
        if (!parts.follower().following()) {
            return away("replies are not followed");
        }
        Instant accepted = parts.clock().instant();
        RunRequest request =
                request(
                        job,
                        run(job),
                        parts.follower().nextPlace(),
                        accepted,
                        deadline(job.ask().terms().until()),
                        job.origin());
        return parts.states()
                .register(request, job.digest(), 0)
                .thenComposeAsync(
                        registered ->
                                switch (registered) {
                                    case NEW ->
                                            parts.redis().now().isBefore(request.deadline())
                                                    ? publish(record, job, request, Taken.ACCEPTED)
                                                    : expire(record, job, request);
                                    case JOINED -> repeat(record, job, request.run());
                                    case CONFLICT ->
                                            refused.refuse(record, job.origin(), reused(job));
                                    case UNSURE -> away("which runs there are is not known yet");
                                },
                        parts.executor());
    }

    /// Two sources may use the same names.
    private static RunId run(Submission.Job job) {
        return RunId.derived(
                job.key() == null ? "" : job.key(),
                ROUTE,
                job.origin().source(),
                job.origin().id());
    }

    /// It is run no more, and so may come again with more time.
    private CompletionStage<Void> expire(
            ConsumerRecord<String, byte[]> record, Submission.Job job, RunRequest request) {
        return parts.states()
                .withdraw(request)
                .thenCompose(_ -> refused.expire(record, job.origin()));
    }

    private static Failure reused(Submission.Job job) {
        return new Failure.InvalidRequest(
                "id",
                "Invalid 'id': job '%s' was submitted before and asked for something else."
                        .formatted(job.origin().id()),
                "job_id_reused");
    }

    private static CompletionStage<Void> away(String what) {
        return CompletableFuture.failedStage(new Patience.AwayException(what));
    }

    private Instant deadline(Ask.@Nullable Until until) {
        Instant now = parts.redis().now();
        Instant latest = now.plus(parts.longest());
        Instant asked =
                switch (until) {
                    case null -> latest;
                    case Ask.Until.At(Instant time) -> time;
                    case Ask.Until.Within(Duration timeout) -> now.plus(timeout);
                };
        return asked.isBefore(latest) ? asked : latest;
    }

    private static RunRequest request(
            Submission.Job job,
            RunId run,
            Place place,
            Instant accepted,
            Instant deadline,
            @Nullable JobOrigin origin) {
        Ask ask = job.ask();
        return new RunRequest(
                run,
                ask.agent(),
                job.key(),
                ask.messages(),
                ask.tools(),
                ask.parameters(),
                ask.terms().metadata(),
                OnDisconnect.CONTINUE,
                true,
                ask.terms().lane(),
                place.partition(),
                place.from(),
                0,
                accepted,
                deadline,
                origin);
    }

    private CompletionStage<Void> publish(
            ConsumerRecord<String, byte[]> record,
            Submission.Job job,
            RunRequest request,
            Taken taken) {
        Headers headers = record.headers();
        TraceContext trace =
                TraceContext.of(
                        DeadLetter.text(headers, TraceContext.TRACEPARENT).orElse(null),
                        DeadLetter.text(headers, TraceContext.TRACESTATE).orElse(null));
        return parts.publisher()
                .publish(
                        request,
                        RunCodec.encode(request),
                        true,
                        RefusedJobs.letterId(record),
                        trace,
                        parts.context())
                .toCompletionStage()
                .thenCompose(published ->
                        switch (published) {
                            case Published.Taken _ -> {
                                log(job, request, taken);
                                yield CompletableFuture.completedStage(null);
                            }
                            case Published.Refused(Failure.BodyTooLarge large) ->
                                    parts.states()
                                            .withdraw(request)
                                            .thenCompose(_ ->
                                                    refused.refuse(record, job.origin(), large));
                            case Published.Refused _, Published.Unknown _ ->
                                    away("Kafka does not take the run");
                        });
    }

    private void log(Submission.Job job, RunRequest request, Taken taken) {
        meters.taken(taken);
        LOG.atInfo()
                .addKeyValue("jobId", job.origin().id())
                .addKeyValue("runId", request.run())
                .addKeyValue("agent", request.agent())
                .addKeyValue("key", request.key())
                .addKeyValue("status", taken.name().toLowerCase(Locale.ROOT))
                .log("job taken");
    }

    /// A job that is there already.
    private CompletionStage<Void> repeat(
            ConsumerRecord<String, byte[]> record, Submission.Job job, RunId run) {
        return parts.origins()
                .note(run, job.origin())
                .thenComposeAsync(
                        noted ->
                                switch (noted) {
                                    case NOTED, ENDED -> join(record, job, run);
                                    case FULL -> refused.refuse(record, job.origin(), repeated());
                                    case TOLD -> away("the run's end is not noted yet");
                                    case UNKNOWN -> away("the run was forgotten just now");
                                },
                        parts.executor());
    }

    private static Failure repeated() {
        return new Failure.InvalidRequest(
                "id",
                "Invalid 'id': too many others wait for this job's result already.",
                "too_many_repetitions");
    }

    private CompletionStage<Void> join(
            ConsumerRecord<String, byte[]> record, Submission.Job job, RunId run) {
        return parts.states()
                .find(run)
                .thenComposeAsync(
                        found -> {
                            if (found.isEmpty()) {
                                return away("the run was forgotten just now");
                            }
                            RunEntry entry = found.get();
                            if (entry.unpublished(parts.redis().now())) {
                                return publish(record, job, again(job, entry), Taken.REPEATED);
                            }
                            meters.taken(Taken.REPEATED);
                            return switch (entry.state()) {
                                case State.Ended _ ->
                                        results.deliver(entry, List.of(job.origin()), false);
                                case State.Queued _, State.Claimed _ ->
                                        CompletableFuture.completedStage(null);
                            };
                        },
                        parts.executor());
    }

    /// The run stays the job's that was there first. Where Redis forgot that it was claimed, there
    /// may be a journal to read first.
    private static RunRequest again(Submission.Job job, RunEntry entry) {
        RunRequest request =
                request(
                        job,
                        entry.run(),
                        new Place(entry.partition(), entry.from()),
                        entry.accepted(),
                        entry.deadline(),
                        entry.job());
        return entry.offer() == null ? request : request.above(1);
    }
}
