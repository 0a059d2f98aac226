package dev.sluice.worker.intake;

import dev.sluice.common.journal.ForgottenException;
import dev.sluice.common.journal.History;
import dev.sluice.common.redis.Claim;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.WorkerReport.Executing;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.TraceContext;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.audit.RunTrail;
import dev.sluice.worker.audit.Witness;
import dev.sluice.worker.intake.Interruption.Reason;
import dev.sluice.worker.journal.KafkaJournal;
import dev.sluice.worker.run.Execution;
import dev.sluice.worker.run.Journal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/// An attempt at an offered run on this worker, from before its claim to its end; it executes on a
/// virtual thread of its own. What stops it may come from any thread, at any time.
final class RunTask {
    private static final Logger LOG = LoggerFactory.getLogger(RunTask.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration CUT_PATIENCE = Duration.ofSeconds(1);

    /// How long the beginning of a first attempt waits for its first event.
    private static final Duration SILENCE = Duration.ofMillis(20);

    /// What an offer brings besides its request.
    ///
    /// @param again whether it was delivered before, to whomever
    record Delivery(
            RunEntry.Offer offer,
            boolean again,
            @Nullable String requestId,
            @Nullable TraceContext trace) {}

    private final RunRequest request;
    private final String claimId;
    private final Delivery delivery;
    private final WorkerContext worker;
    private final Interruption interruption = new Interruption();
    private final Farewell farewell;
    private volatile String lease = "";
    private volatile int attempt;
    private volatile long decided;
    private volatile @Nullable Long slotSince;
    private volatile @Nullable Thread executor;

    RunTask(RunRequest request, String claimId, Delivery delivery, WorkerContext worker) {
        this.request = request;
        this.claimId = claimId;
        this.delivery = delivery;
        this.worker = worker;
        this.farewell = new Farewell(request, claimId, worker, interruption::isSuperseded);
    }

    RunId run() {
        return request.run();
    }

    Lane lane() {
        return delivery.offer().lane();
    }

    /// Which attempt it is; 0 before it is granted.
    int attempt() {
        return attempt;
    }

    /// The lease under which it claimed last.
    String lease() {
        return lease;
    }

    /// How far an attempt has come.
    enum Phase {
        /// Its claim is not decided.
        OFFERED,
        /// It is taken up, or waits for a slot.
        WAITING,
        /// It has a slot.
        EXECUTING,
        /// It is being ended, or left to others.
        ENDING
    }

    Phase phase() {
        if (interruption.isEnding() || farewell.isBegun()) {
            return Phase.ENDING;
        }
        if (slotSince != null) {
            return Phase.EXECUTING;
        }
        return attempt > 0 ? Phase.WAITING : Phase.OFFERED;
    }

    /// How it executes at a moment by [System#nanoTime()]; empty while it has no slot.
    Optional<Executing> executing(long now) {
        return Optional.ofNullable(slotSince)
                .map(since -> {
                    long millis = (now - since) / 1_000_000;
                    return new Executing(run(), request.agent(), lane(), attempt, millis);
                });
    }

    /// Claims the run, or claims it again.
    CompletionStage<Claim> claim() {
        return claim(request);
    }

    private CompletionStage<Claim> claim(RunRequest offered) {
        lease = worker.heart().lease();
        return worker.states()
                .claim(offered, delivery.offer(), claimId, lease, worker.maxCrashes())
                .thenApply(claim -> {
                    decided = System.nanoTime();
                    return claim;
                });
    }

    /// Notes that the claim was granted, before it executes. A lease that was lost meanwhile took
    /// the run with it.
    void granted(Claim.Granted claim) {
        attempt = claim.attempt();
        if (!lease.equals(worker.heart().lease())) {
            stop(Reason.SUPERSEDED);
        }
    }

    /// Makes Redis know of it again. Whoever has the run meanwhile keeps it.
    void restore() {
        int mine = attempt;
        if (mine == 0 || farewell.isBegun()) {
            return;
        }
        worker.states()
                .restoreClaimed(request, delivery.offer(), mine, claimId, lease)
                .thenAccept(kept -> {
                    if (!kept) {
                        stop(Reason.SUPERSEDED);
                    } else if (farewell.isBegun()) {
                        // It came to its end meanwhile: whoever is offered it reads that.
                        leave();
                    }
                });
    }

    /// Stops the attempt, see [Interruption#stop(Reason)].
    void stop(Reason why) {
        interruption.stop(why);
    }

    /// Executes the run under a claim, on the calling thread, and returns when its end is written
    /// or the run is another's.
    ///
    /// @param onEnded called when the run has ended for its client, of which others are yet to know
    void execute(Claim.Granted granted, Runnable onEnded) {
        long began = System.nanoTime();
        Claim.Granted claim = granted;
        executor = Thread.currentThread();
        try {
            while (true) {
                attempt = claim.attempt();
                switch (attempt(claim, began, onEnded)) {
                    case Came.ToItsEnd _ -> {
                        return;
                    }
                    case Came.TooLow(int floor) -> {
                        Claim above = await(claim(request.above(floor)));
                        if (!(above instanceof Claim.Granted higher)) {
                            return;
                        }
                        claim = higher;
                    }
                }
            }
        } catch (Journal.LostException e) {
            LOG.atWarn().addKeyValue("runId", run()).setCause(e).log("the journal was lost");
            abandon();
        } catch (InterruptedException e) {
            abandon();
        } catch (ExecutionException | TimeoutException e) {
            LOG.atWarn().addKeyValue("runId", run()).setCause(e).log("a run was not taken up");
            abandon();
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("runId", run()).setCause(e).log("a run could not be ended");
            abandon();
        }
    }

    /// What an attempt came to.
    private sealed interface Came {
        /// The run has ended.
        record ToItsEnd() implements Came {}

        /// The journal knows of attempts up to `floor`.
        record TooLow(int floor) implements Came {}
    }

    private Came attempt(Claim.Granted claim, long began, Runnable onEnded)
            throws InterruptedException, ExecutionException, TimeoutException {
        Witness witness = worker.witness(request, claimId, lease, () -> stop(Reason.CANCELLED));
        KafkaJournal journal = openJournal(claim.attempt(), witness);
        Ending ending = new Ending(claim, journal, witness, began, onEnded);
        try {
            return attempt(claim, journal, witness.trail(), ending);
        } finally {
            witness.trail().giveUp();
        }
    }

    private Came attempt(Claim.Granted claim, KafkaJournal journal, RunTrail trail, Ending ending)
            throws InterruptedException, ExecutionException, TimeoutException {
        var beginning =
                new RunEvent.AttemptStarted(
                        worker.id(), claim instanceof Claim.Execute ? null : true);
        if (claim.first() && !delivery.again()) {
            journal.beginWithFirstEvent(beginning);
            Future<?> silent =
                    worker.alarms()
                            .schedule(journal::flush, SILENCE.toMillis(), TimeUnit.MILLISECONDS);
            try {
                return end(outcome(claim, journal, null), ending);
            } finally {
                silent.cancel(false);
            }
        }
        CompletionStage<Long> started = journal.begin(beginning);
        worker.offers().supersede(run(), claim.attempt());
        History history;
        try {
            // However long that takes: the reader gives up when it does not get on.
            history = worker.history(request, await(started) + 1).toCompletableFuture().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof ForgottenException)) {
                throw e;
            }
            return end(new RunEvent.RunFailed(new Failure.WorkerLost(), Usage.NONE), ending);
        }
        if (history.end() != null) {
            ending.onEnded().run();
            trail.found(history);
            farewell.ended(lease, trail, history.end());
            return new Came.ToItsEnd();
        }
        if (!history.rule().isCurrent(claim.attempt(), claimId)) {
            return new Came.TooLow(history.rule().attempt());
        }
        journal.resumeAfter(history.rule().last(), history.steps().size());
        awaitCut(trail.resume(history));
        if (claim.attempt() > 1) {
            worker.meters().resumed();
        }
        return end(outcome(claim, journal, history), ending);
    }

    /// Waits for what of a turn that broke off is told, but not for long: where the audit stream is
    /// away it is told at the run's end.
    private static void awaitCut(CompletionStage<?> told)
            throws InterruptedException, ExecutionException {
        try {
            told.toCompletableFuture().get(CUT_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.atDebug().setCause(e).log("going on before the audit stream knows of a turn");
        }
    }

    /// What an attempt needs to end.
    private record Ending(
            Claim.Granted claim,
            KafkaJournal journal,
            Witness witness,
            long began,
            Runnable onEnded) {}

    private Came end(RunEvent end, Ending ending) throws InterruptedException {
        interruption.beginEnding();
        History.End written = ending.journal().end(end);
        ending.onEnded().run();
        Duration took = Duration.ofNanos(System.nanoTime() - ending.began());
        worker.meters().ended(lane(), end, took);
        LoggingEventBuilder log = end instanceof RunEvent.RunFailed ? LOG.atWarn() : LOG.atInfo();
        log.addKeyValue("requestId", delivery.requestId())
                .addKeyValue("runId", run())
                .addKeyValue("agent", request.agent())
                .addKeyValue("attempt", ending.claim().attempt())
                .addKeyValue("status", RunEntry.Status.of(end))
                .addKeyValue("failure", failure(end))
                .addKeyValue("millis", took.toMillis())
                .log("run ended");
        farewell.ended(lease, ending.witness(), written);
        return new Came.ToItsEnd();
    }

    private KafkaJournal openJournal(int attempt, Witness witness) {
        KafkaJournal opened =
                worker.journal(request, attempt, claimId, witness, () -> stop(Reason.LOST));
        interruption.writes(opened);
        return opened;
    }

    private void abandon() {
        interruption.beginEnding();
        interruption.mute();
        farewell.abandoned(lease);
    }

    /// Has others tell how the run ended: this worker stops.
    void leaveUntold() {
        Thread telling = executor;
        if (telling != null) {
            telling.interrupt();
        }
    }

    /// Leaves a run of which it is not known whether its claim was granted.
    void leave() {
        worker.leases().abandon(run(), claimId, lease);
    }

    private RunEvent outcome(Claim.Granted claim, KafkaJournal journal, @Nullable History history)
            throws InterruptedException, ExecutionException, TimeoutException {
        Usage spent = spent(history);
        if (history != null && history.rule().cancelRequested()) {
            return new RunEvent.RunCancelled(spent);
        }
        return switch (claim) {
            case Claim.Cancelled _ -> new RunEvent.RunCancelled(spent);
            case Claim.Expired _ -> new RunEvent.RunFailed(new Failure.DeadlineExceeded(), spent);
            case Claim.Poison(_, _, int crashes) -> {
                await(worker.offers().bury(run(), delivery.offer(), crashes));
                worker.meters().buried();
                yield new RunEvent.RunFailed(new Failure.WorkerLost(), spent);
            }
            case Claim.Execute(_, _, Duration timeLeft) ->
                    executeWithin(timeLeft, journal, history);
        };
    }

    private static Usage spent(@Nullable History history) {
        return history == null
                ? Usage.NONE
                : history.turns()
                        .map(RunEvent.TurnCompleted::usage)
                        .reduce(Usage.NONE, Usage::plus);
    }

    /// @throws InterruptedException if the run is to be another worker's
    private RunEvent executeWithin(
            Duration timeLeft, KafkaJournal journal, @Nullable History history)
            throws InterruptedException {
        long due = decided + timeLeft.toNanos();
        Duration left = Duration.ofNanos(due - System.nanoTime());
        Execution execution =
                worker.engine()
                        .prepare(request, left, delivery.trace(), journal, worker.heart(), history);
        Future<?> alarm =
                worker.alarms()
                        .schedule(
                                () -> stop(Reason.EXPIRED), left.toMillis(), TimeUnit.MILLISECONDS);
        try {
            interruption.begin();
            worker.slots().take(lane());
            try {
                leaveQueue(due);
                slotSince = System.nanoTime();
                return execution.execute();
            } finally {
                slotSince = null;
                worker.slots().giveBack(lane());
            }
        } catch (InterruptedException e) {
            return interruption.end(execution.usage());
        } catch (Journal.LostException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            if (interruption.isStopped()) {
                return interruption.end(execution.usage());
            }
            LOG.atError().addKeyValue("runId", run()).setCause(e).log("the run engine threw");
            return new RunEvent.RunFailed(new Failure.Internal(), execution.usage());
        } finally {
            alarm.cancel(false);
        }
    }

    /// The alarm may be late, and a stop may come just when there is a slot: a run that is to stop
    /// is not begun.
    private void leaveQueue(long due) throws InterruptedException {
        if (System.nanoTime() - due >= 0) {
            stop(Reason.EXPIRED);
        }
        interruption.check();
        if (attempt == 1) {
            worker.meters().waited(lane(), request.acceptedAt(), worker.clock().instant());
        }
    }

    private static <T> T await(CompletionStage<T> stage)
            throws InterruptedException, ExecutionException, TimeoutException {
        return stage.toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// What the log says of a failure. An [Failure.InvalidRequest] may quote the prompt.
    private static @Nullable Object failure(RunEvent end) {
        return end instanceof RunEvent.RunFailed(Failure failure, _)
                ? failure instanceof Failure.InvalidRequest ? "InvalidRequest" : failure
                : null;
    }
}
