package dev.sluice.gateway.job;

import dev.sluice.common.audit.AuditCodec;
import dev.sluice.common.audit.AuditEvent.RunEnded;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.JobOrigins;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.RunId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Learns from the audit stream which jobs' runs have ended, and has their results delivered. Safe
/// for any thread; nothing blocks.
final class EndedJobs {
    private static final Logger LOG = LoggerFactory.getLogger(EndedJobs.class);

    private final RunStates states;
    private final JobOrigins origins;
    private final Results results;
    private final ResultSender sender;
    private final Topics topics;
    private final Patience patience;

    EndedJobs(
            RunStates states,
            JobOrigins origins,
            Results results,
            ResultSender sender,
            Topics topics,
            Patience patience) {
        this.states = states;
        this.origins = origins;
        this.results = results;
        this.sender = sender;
        this.topics = topics;
        this.patience = patience;
    }

    /// Deals with a record of the audit topic. Completes when it need not be taken again.
    CompletionStage<Void> settle(ConsumerRecord<String, byte[]> record) {
        if (!AuditCodec.endsJob(record.headers())) {
            return CompletableFuture.completedStage(null);
        }
        Optional<AuditRecord> known = read(record);
        if (known.isEmpty() || !(known.get().event() instanceof RunEnded end)) {
            return CompletableFuture.completedStage(null);
        }
        RunId run = known.get().subject().run();
        String job = known.get().subject().job();
        if (run == null || job == null) {
            return CompletableFuture.completedStage(null);
        }
        State.Ended ended = new State.Ended(end.status(), end.journal().offset(), known.get().at());
        return patience.untilDone(
                        "delivering a result", () -> deliver(run, job, ended, end.turns() == 0))
                .exceptionallyCompose(failure ->
                        patience.isClosed()
                                ? CompletableFuture.failedStage(failure)
                                : faulty(run, job, failure));
    }

    /// A fault of ours in one result must not hold up all that follow.
    private CompletionStage<Void> faulty(RunId run, String job, Throwable failure) {
        LOG.atError()
                .addKeyValue("jobId", job)
                .addKeyValue("runId", run)
                .setCause(failure)
                .log("a result could not be made");
        return sender.lay(lost(run, job, "The result could not be made, the log says why."));
    }

    private DeadLetter lost(RunId run, String job, String reason) {
        return DeadLetter.empty(
                Result.name(run),
                DeadLetter.Kind.RESULT,
                reason,
                new DeadLetter.Place(topics.results(), null, null),
                job);
    }

    private static Optional<AuditRecord> read(ConsumerRecord<String, byte[]> record) {
        try {
            return AuditCodec.decode(record.value());
        } catch (AuditCodec.MalformedException e) {
            LOG.atWarn()
                    .addKeyValue("topic", record.topic())
                    .addKeyValue("partition", record.partition())
                    .addKeyValue("offset", record.offset())
                    .setCause(e)
                    .log("a record on the audit topic cannot be read");
            return Optional.empty();
        }
    }

    /// Redis may not have been told of the end yet, of which the event knows. From here on, who
    /// repeats the job waits until it has.
    private CompletionStage<Void> deliver(
            RunId run, String job, State.Ended ended, boolean stepless) {
        return origins.close(run)
                .thenCombine(
                        states.find(run),
                        (further, found) -> {
                            JobOrigin origin = found.isPresent() ? found.get().job() : null;
                            if (origin == null) {
                                return unknown(run, job);
                            }
                            List<JobOrigin> all = new ArrayList<>(further);
                            all.addFirst(origin);
                            return results.deliver(ended(found.get(), ended), all, stepless);
                        })
                .thenCompose(delivered -> delivered);
    }

    private static RunEntry ended(RunEntry run, State.Ended ended) {
        return run.state() instanceof State.Ended ? run : run.in(ended);
    }

    /// A run that Redis does not know: it forgot it, or is yet to be told again.
    private CompletionStage<Void> unknown(RunId run, String job) {
        return states.complete()
                .thenCompose(complete -> {
                    if (!complete) {
                        return CompletableFuture.failedStage(
                                new Patience.AwayException(
                                        "which runs there are is not known yet"));
                    }
                    LOG.atWarn()
                            .addKeyValue("jobId", job)
                            .addKeyValue("runId", run)
                            .log("a job's run is forgotten before its result was delivered");
                    return sender.lay(
                            lost(run, job, "The run is no longer known, see run.retention."));
                });
    }
}
