package dev.sluice.gateway.job;

import dev.sluice.common.journal.ForgottenException;
import dev.sluice.common.journal.History;
import dev.sluice.common.journal.JournalReader;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.gateway.dialect.runs.RunJson;
import dev.sluice.gateway.dialect.runs.RunStatus;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes the results of runs that have ended from their journals, and has them delivered. Safe for
/// any thread; nothing blocks.
final class Results {
    private static final Logger LOG = LoggerFactory.getLogger(Results.class);

    private final JournalReader journals;
    private final ResultSender sender;

    Results(JournalReader journals, ResultSender sender) {
        this.journals = journals;
        this.sender = sender;
    }

    /// Delivers the result of a run that has ended. Fails where its journal cannot be read now.
    ///
    /// @param job whom it is for: the run's own job, or a repetition of it
    CompletionStage<Void> deliver(RunEntry run, JobOrigin job) {
        if (!(run.state() instanceof State.Ended ended)) {
            return CompletableFuture.failedStage(
                    new IllegalArgumentException(run.run() + " has not ended"));
        }
        return journals.read(
                        run.run(), run.partition(), run.from(), run.steps(), ended.offset() + 1)
                .thenApply(history -> result(run, job, ended, history))
                .exceptionally(failure -> forgotten(run, job, ended, failure))
                .thenCompose(sender::deliver);
    }

    private static Result result(RunEntry run, JobOrigin job, State.Ended ended, History history) {
        return Result.of(
                run.run(),
                job,
                RunStatus.of(run, history).wireName(),
                RunJson.of(run, history),
                ended.at());
    }

    /// Where the log has forgotten the journal, how the run ended is all that is left to tell.
    private static Result forgotten(
            RunEntry run, JobOrigin job, State.Ended ended, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (!(cause instanceof ForgottenException)) {
            throw new CompletionException(cause);
        }
        LOG.atWarn()
                .addKeyValue("jobId", job.id())
                .addKeyValue("runId", run.run())
                .log("the log has forgotten the journal of a job's run");
        return Result.of(
                run.run(), job, RunStatus.of(run, null).wireName(), RunJson.of(run), ended.at());
    }
}
