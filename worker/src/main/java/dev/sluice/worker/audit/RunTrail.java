package dev.sluice.worker.audit;

import dev.sluice.common.audit.AuditLog;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.journal.ForgottenException;
import dev.sluice.common.journal.History;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunRequest;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What one attempt at a run tells the audit stream: all that must be told before the run may be
/// forgotten.
///
/// An attempt tells of each step when the broker has it, and of the end when the journal has it.
/// One that takes a run up tells again whatever it reads in the journal, so that nothing is missing
/// where a worker died in between; events have the same ids then. Safe for any thread; nothing
/// blocks.
public final class RunTrail {
    private final AuditLog log;
    private final Clock clock;
    private final LongFunction<CompletionStage<History>> journal;
    private final Unwritten unwritten;

    private final ReentrantLock lock = new ReentrantLock();
    private final RunRecords records;
    private boolean endTold;

    /// A trail of which nothing is told yet.
    ///
    /// @param journal reads the run's journal up to an offset, which is not read any more
    public RunTrail(
            AuditLog log,
            RunRequest request,
            Clock clock,
            LongFunction<CompletionStage<History>> journal) {
        this.log = log;
        this.clock = clock;
        this.journal = journal;
        this.unwritten = new Unwritten(log);
        this.records = new RunRecords(request, log.content());
    }

    /// Tells that the run was accepted, and where it is to be executed that its first attempt
    /// began: together with what comes next, or when it is flushed.
    public void begin(String worker, int attempt, boolean executes) {
        unwritten.hold(log.prepare(records.accepted()));
        if (executes) {
            unwritten.hold(log.prepare(records.began(attempt, worker, clock.instant())));
        }
    }

    /// Sends what is told and was held back.
    public void flush() {
        unwritten.flush();
    }

    /// Tells of a step of this attempt. What is returned is to be run once the broker has the step.
    public Runnable step(Reply step) {
        AuditLog.Entry entry = prepare(() -> records.step(step));
        return () -> unwritten.send(entry);
    }

    /// Tells what the attempts before this one, and its own beginning, left in the journal.
    /// Completes when what nobody will find in the journal any more is written: a turn that broke
    /// off is overwritten by the next.
    ///
    /// @param attempt the attempt that took the run up
    /// @param executes whether it goes on to execute it
    public CompletionStage<?> resume(History history, int attempt, boolean executes) {
        retell(history, executes ? 0 : attempt);
        AuditRecord cut = cut(history, before(history, attempt));
        if (cut == null) {
            return CompletableFuture.completedStage(null);
        }
        unwritten.send(log.prepare(cut));
        return unwritten.settled();
    }

    private static int before(History history, int attempt) {
        return history.attempts().stream()
                .mapToInt(History.Attempt::number)
                .filter(number -> number < attempt)
                .max()
                .orElse(0);
    }

    /// Tells what the journal of a run says that has ended, but for the end.
    public void found(History history) {
        History.End end = history.end();
        retell(history, end != null && neverExecuted(history, end) ? end.reply().attempt() : 0);
    }

    /// Whether the last attempt may have been made only to say that the run is at its end.
    private static boolean neverExecuted(History history, History.End end) {
        boolean decided =
                switch (end.event()) {
                    case RunEvent.RunCancelled _ -> true;
                    case RunEvent.RunFailed(Failure failure, _) ->
                            failure instanceof Failure.DeadlineExceeded
                                    || failure instanceof Failure.WorkerLost;
                    default -> false;
                };
        return decided
                && history.open().isEmpty()
                && history.steps().stream()
                        .noneMatch(step -> step.attempt() == end.reply().attempt());
    }

    /// @param not the attempt that executed nothing; 0 where each did
    private void retell(History history, int not) {
        unwritten.hold(log.prepare(records.accepted()));
        for (History.Attempt attempt : history.attempts()) {
            if (attempt.number() != not) {
                unwritten.hold(
                        log.prepare(
                                records.began(attempt.number(), attempt.worker(), attempt.at())));
            }
        }
        history.steps().forEach(step -> unwritten.hold(prepare(() -> records.step(step))));
        unwritten.flush();
    }

    /// Tells that the run has ended, and completes when all that was told of it is written, or
    /// exceptionally where something could not be: then it is to be called again.
    public CompletionStage<?> end(History.End end) {
        return (told() ? CompletableFuture.<Void>completedStage(null) : tell(end))
                .thenCompose(_ -> unwritten.settled());
    }

    private boolean told() {
        return locked(() -> endTold);
    }

    private CompletionStage<Void> tell(History.End end) {
        if (locked(() -> records.brokeOff(end))) {
            return journal.apply(end.offset() + 1)
                    .handle((history, failure) -> {
                        if (failure == null) {
                            tell(end, cut(history, end.reply().attempt()));
                        } else if (isForgotten(failure)) {
                            tell(end, null);
                        } else {
                            throw new CompletionException(failure);
                        }
                        return null;
                    });
        }
        tell(end, locked(() -> records.hasUncounted(end) ? records.uncounted(end) : null));
        return CompletableFuture.completedStage(null);
    }

    private static boolean isForgotten(Throwable failure) {
        return failure instanceof ForgottenException
                || failure.getCause() instanceof ForgottenException;
    }

    private void tell(History.End end, @Nullable AuditRecord cut) {
        if (cut != null) {
            unwritten.hold(log.prepare(cut));
        }
        unwritten.hold(log.prepare(locked(() -> records.ended(end))));
        locked(() -> endTold = true);
    }

    private @Nullable AuditRecord cut(History history, int attempt) {
        return locked(() -> records.cut(history, attempt, clock.instant()));
    }

    private AuditLog.Entry prepare(Supplier<AuditRecord> record) {
        return log.prepare(locked(record));
    }

    private <T extends @Nullable Object> T locked(Supplier<T> step) {
        lock.lock();
        try {
            return step.get();
        } finally {
            lock.unlock();
        }
    }
}
