package dev.sluice.gateway.run;

import dev.sluice.common.journal.ForgottenException;
import dev.sluice.common.journal.History;
import dev.sluice.common.journal.JournalReader;
import dev.sluice.common.journal.LogReader;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.redis.RunEntry.StepOffset;
import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.Unavailable;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.gateway.dialect.EventId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads what is in the journals of runs already. What cannot be had fails with [RefusedException].
/// Safe for any thread; nothing blocks, and answers come on the context given.
public final class RunLog {
    private static final Logger LOG = LoggerFactory.getLogger(RunLog.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final int TAIL = 10_000;

    private final LogReader log;
    private final JournalReader journals;
    private final RunDirectory directory;

    /// A reader of the reply topic.
    public RunLog(LogReader log, RunDirectory directory) {
        this.log = log;
        this.journals = new JournalReader(log);
        this.directory = directory;
    }

    /// An event of a run, and where in the log it stands.
    public record Told(Reply reply, long offset) {}

    /// Some of a run's events, in order; `more` says that there are more already.
    public record Page(List<Told> events, boolean more) {}

    /// How far a run has come.
    public Future<History> history(RunEntry run, Context context) {
        CompletionStage<Long> to =
                run.state() instanceof State.Ended ended
                        ? CompletableFuture.completedStage(ended.offset() + 1)
                        : log.end(run.partition()).thenApply(end -> Math.min(end, last(run)));
        return asked(
                run,
                to.thenCompose(last ->
                        journals.read(run.run(), run.partition(), run.from(), run.steps(), last)),
                context);
    }

    /// Up to where the history of a run under way is read. Its steps are known; what follows them
    /// is read a little further, for an end that Redis has not been told of yet.
    private static long last(RunEntry run) {
        long behind = run.from();
        for (int i = 0; i < run.steps().size(); i++) {
            StepOffset step = run.steps().get(i);
            if (step.ordinal() != i + 1) {
                return Long.MAX_VALUE;
            }
            behind = step.offset();
        }
        return behind + TAIL;
    }

    /// Where a reader begins that has seen the events up to `after`, or for whom they are to be
    /// passed over.
    public Future<Beginning> beginning(RunEntry run, EventId after, Context context) {
        if (!after.located()) {
            return Future.succeededFuture(Beginning.at(run.from()));
        }
        if (after.offset() < run.from()) {
            return Future.failedFuture(foreign(run, after));
        }
        return asked(
                        run,
                        log.read(run.partition(), after.offset(), after.offset() + 1, run.run()),
                        context)
                .map(chunk -> {
                    Reply seen =
                            chunk.entries().isEmpty() ? null : reply(chunk.entries().getFirst());
                    if (seen == null || seen.seq() != after.seq()) {
                        throw foreign(run, after);
                    }
                    return new Beginning(AttemptRule.after(seen), after.offset() + 1);
                });
    }

    private static RefusedException foreign(RunEntry run, EventId after) {
        return new RefusedException(
                new Failure.InvalidRequest(
                        "starting_after",
                        "Invalid 'starting_after': '%s' is not an event of run '%s'."
                                .formatted(after, run.run()),
                        "invalid_value"));
    }

    /// Reads the events after one, up to so many numbered ones, as far as there are any yet: what
    /// others add meanwhile does not count, or a reader would never be done.
    public Future<Page> page(RunEntry run, EventId after, int most, Context context) {
        return beginning(run, after, context)
                .compose(from ->
                        asked(run, log.end(run.partition()), context)
                                .compose(end ->
                                        read(
                                                run,
                                                new Reading(from.rule(), after.seq(), most),
                                                from.offset(),
                                                end,
                                                context)));
    }

    private Future<Page> read(RunEntry run, Reading reading, long from, long to, Context context) {
        if (from >= to || reading.full() || reading.rule.ended()) {
            return Future.succeededFuture(reading.page());
        }
        return asked(run, log.read(run.partition(), from, to, run.run()), context)
                .compose(chunk -> {
                    chunk.entries().forEach(reading::take);
                    return read(run, reading, chunk.next(), to, context);
                });
    }

    private <T> Future<T> asked(RunEntry run, CompletionStage<T> answer, Context context) {
        return Future.fromCompletionStage(answer, context)
                .recover(failure -> Future.failedFuture(refusal(run, failure)));
    }

    private RefusedException refusal(RunEntry run, Throwable failure) {
        Throwable cause =
                failure.getCause() instanceof ForgottenException forgotten ? forgotten : failure;
        if (cause instanceof ForgottenException) {
            return directory.notFound(run.run().value());
        }
        LOG.atWarn()
                .addKeyValue("runId", run.run())
                .setCause(failure)
                .log("a run's journal cannot be read");
        return new RefusedException(
                new Unavailable(Unavailable.Reason.LOG_UNAVAILABLE, RETRY_AFTER));
    }

    private static @Nullable Reply reply(ConsumerRecord<String, byte[]> record) {
        try {
            return RunCodec.decodeReply(record.value());
        } catch (RunCodec.UndecodableException _) {
            LOG.atError()
                    .addKeyValue("partition", record.partition())
                    .addKeyValue("offset", record.offset())
                    .log("a record on the reply topic is no reply");
            return null;
        }
    }

    /// A page that is being read. One thread at a time.
    private static final class Reading {
        private final AttemptRule rule;
        private final Unseen unseen;
        private final int most;
        private final List<Told> events = new ArrayList<>();
        private int numbered;
        private boolean more;

        Reading(AttemptRule rule, long after, int most) {
            this.rule = rule;
            this.unseen = new Unseen(after, rule.last());
            this.most = most;
        }

        void take(ConsumerRecord<String, byte[]> record) {
            Reply reply = full() ? null : reply(record);
            if (reply == null || !rule.counts(reply) || !unseen.shows(reply)) {
                return;
            }
            if (numbered == most) {
                more = true;
                return;
            }
            events.add(new Told(reply, record.offset()));
            numbered += reply.seq() > 0 ? 1 : 0;
        }

        boolean full() {
            return more;
        }

        Page page() {
            return new Page(List.copyOf(events), more);
        }
    }
}
