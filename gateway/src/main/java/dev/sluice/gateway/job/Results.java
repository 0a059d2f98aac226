package dev.sluice.gateway.job;

import dev.sluice.common.journal.ForgottenException;
import dev.sluice.common.journal.History;
import dev.sluice.common.journal.JournalReader;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.gateway.dialect.runs.RunJson;
import dev.sluice.gateway.dialect.runs.RunStatus;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
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
    /// @param jobs whom it is for: the run's own job, or repetitions of it
    /// @param stepless whether the run is known to have no steps
    CompletionStage<Void> deliver(RunEntry run, List<JobOrigin> jobs, boolean stepless) {
        if (!(run.state() instanceof State.Ended ended)) {
            return CompletableFuture.failedStage(
                    new IllegalArgumentException(run.run() + " has not ended"));
        }
        return journal(run, ended, stepless)
                .thenApply(Optional::of)
                .exceptionally(failure -> forgotten(run, failure))
                .thenCompose(history ->
                        CompletableFuture.allOf(
                                jobs.stream()
                                        .map(job -> result(run, job, ended, history.orElse(null)))
                                        .map(sender::deliver)
                                        .map(CompletionStage::toCompletableFuture)
                                        .toArray(CompletableFuture[]::new)));
    }

    private CompletionStage<History> journal(RunEntry run, State.Ended ended, boolean stepless) {
        return stepless
                ? journals.readEnd(run.run(), run.partition(), run.from(), ended.offset())
                : journals.read(
                        run.run(), run.partition(), run.from(), run.steps(), ended.offset() + 1);
    }

    /// Where the log has forgotten the journal, how the run ended is all that is left to tell.
    private static Result result(
            RunEntry run, JobOrigin job, State.Ended ended, @Nullable History history) {
        return Result.of(
                run.run(),
                job,
                RunStatus.of(run, history).wireName(),
                history == null ? RunJson.of(run) : RunJson.of(run, history),
                ended.at());
    }

    private static Optional<History> forgotten(RunEntry run, Throwable failure) {
        Throwable cause = Patience.cause(failure);
        if (!(cause instanceof ForgottenException)) {
            throw new CompletionException(cause);
        }
        LOG.atWarn()
                .addKeyValue("runId", run.run())
                .log("the log has forgotten the journal of a job's run");
        return Optional.empty();
    }
}
