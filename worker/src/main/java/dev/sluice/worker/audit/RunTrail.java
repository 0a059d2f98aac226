package dev.sluice.worker.audit;

import dev.sluice.common.audit.AuditLog;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.journal.History;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunRequest;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one attempt at a run tells the audit stream: all that must be told before the run may be
/// forgotten.
///
/// An attempt tells of its beginning and of each step when it is certain that they count, and of
/// the end when the journal has it. One that takes a run up tells again whatever it reads in the
/// journal, so that nothing is missing where a worker died in between; events have the same ids
/// then. What could not be written is tried again until it is. Safe for any thread; nothing blocks:
/// what is told is made and encoded on the teller.
public final class RunTrail {
    private static final Logger LOG = LoggerFactory.getLogger(RunTrail.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private final AuditLog log;
    private final Executor teller;
    private final RunRequest request;
    private final Queue<Reply> unconfirmed = new ConcurrentLinkedQueue<>();

    /// The end counts from the beginning, so that all is written only when that is.
    private final AtomicInteger unwritten = new AtomicInteger(1);

    private final CompletableFuture<@Nullable Void> settled = new CompletableFuture<>();
    private volatile OpenTurn open = OpenTurn.NONE;
    private volatile boolean givenUp;

    // What follows is the teller's alone.
    private final RunRecords records;
    private boolean accepted;
    private boolean ended;

    /// A trail of which nothing is told yet.
    ///
    /// @param teller one thread, or whatever does one thing after the other
    public RunTrail(AuditLog log, Executor teller, RunRequest request) {
        this.log = log;
        this.teller = teller;
        this.request = request;
        this.records = new RunRecords(request, log.content());
    }

    /// Notes that the attempt told an event, which may yet be lost.
    void sent(Reply event) {
        open = open.after(event);
    }

    /// Notes that the journal has the attempt's beginning, or a step. It is told when it is
    /// confirmed: another attempt may have begun before, and then it does not count.
    void written(Reply beginningOrStep) {
        unconfirmed.add(beginningOrStep);
    }

    /// Tells of what the journal has up to this event, which counts.
    void confirmed(Reply last) {
        tell(() -> confirm(last.seq()));
    }

    /// Tells what the attempts before this one, and its own beginning, left in the journal.
    /// Completes when what nobody will find in the journal any more is written: a turn that broke
    /// off is overwritten by the next.
    public CompletionStage<@Nullable Void> resume(History history) {
        CompletableFuture<@Nullable Void> cut = new CompletableFuture<>();
        retell(history, cut);
        return cut;
    }

    /// Tells what the journal of a run says that has ended, but for the end.
    public void found(History history) {
        retell(history, new CompletableFuture<>());
    }

    private void retell(History history, CompletableFuture<@Nullable Void> cut) {
        var turns = OpenTurn.byAttempt(history.open());
        open = turns.isEmpty() ? OpenTurn.NONE : turns.getLast();
        History.End end = history.end();
        int last = end == null ? 0 : end.reply().attempt();
        tell(() -> {
            accept();
            history.attempts().forEach(this::began);
            history.steps().forEach(step -> write(records.step(step)));
            CompletableFuture.allOf(
                            turns.stream()
                                    .filter(turn -> turn.attempt() != last)
                                    .map(turn -> write(records.cut(turn)))
                                    .toArray(CompletableFuture<?>[]::new))
                    .thenRun(() -> cut.complete(null));
        });
    }

    /// Tells that the run has ended, as is certain, and completes when all that was told of it is
    /// written. May be called again.
    public CompletionStage<@Nullable Void> end(History.End end) {
        tell(() -> {
            if (ended) {
                return;
            }
            ended = true;
            // Whatever is wrong with what came before: the end is told.
            try {
                confirm(Long.MAX_VALUE);
                write(records.cut(end, open));
            } finally {
                write(records.ended(end));
                wrote();
            }
        });
        return settled;
    }

    /// Ends the trying: somebody else has the run, or will.
    public void giveUp() {
        givenUp = true;
    }

    private void confirm(long seq) {
        accept();
        for (Reply next = unconfirmed.peek();
                next != null && next.seq() <= seq;
                next = unconfirmed.peek()) {
            unconfirmed.remove();
            if (next.event() instanceof RunEvent.AttemptStarted start) {
                began(
                        new History.Attempt(
                                next.attempt(), start.worker(), next.at(), start.executes()));
            } else {
                write(records.step(next));
            }
        }
    }

    private void began(History.Attempt attempt) {
        write(records.waited(attempt));
        write(records.began(attempt));
    }

    private void accept() {
        if (!accepted) {
            accepted = true;
            write(records.accepted());
        }
    }

    /// Nothing that goes wrong in telling of a run may harm the run.
    private void tell(Runnable telling) {
        teller.execute(() -> {
            try {
                telling.run();
            } catch (RuntimeException e) {
                LOG.atError()
                        .addKeyValue("runId", request.run())
                        .setCause(e)
                        .log("a run cannot be told of");
            }
        });
    }

    private CompletableFuture<@Nullable Void> write(@Nullable AuditRecord record) {
        CompletableFuture<@Nullable Void> written = new CompletableFuture<>();
        if (record == null) {
            written.complete(null);
        } else {
            unwritten.incrementAndGet();
            send(record, written, FIRST_PAUSE);
        }
        return written;
    }

    private void send(
            AuditRecord record, CompletableFuture<@Nullable Void> written, Duration pause) {
        log.write(record)
                .whenComplete((_, failure) -> {
                    if (failure == null) {
                        written.complete(null);
                        wrote();
                    } else if (!givenUp) {
                        Duration twice = pause.multipliedBy(2);
                        Duration next = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
                        CompletableFuture.delayedExecutor(
                                        pause.toMillis(), TimeUnit.MILLISECONDS, teller)
                                .execute(() -> send(record, written, next));
                    }
                });
    }

    private void wrote() {
        if (unwritten.decrementAndGet() == 0) {
            settled.complete(null);
        }
    }
}
