package dev.sluice.worker.audit;

import dev.sluice.common.redis.RunEntry.StepOffset;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.redis.RunStates.Noted;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.worker.journal.KafkaJournal;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Notes in Redis what an attempt's journal has, and tells the audit stream of what certainly
/// counts: where the claim was still the attempt's after the journal had an event, no other attempt
/// can have begun before it. A worker that slept longer than its lease tells nothing.
public final class Witness implements KafkaJournal.Listener {
    private final RunStates states;
    private final RunId run;
    private final String claim;
    private final RunTrail trail;
    private final BooleanSupplier fresh;
    private final Runnable onCancelled;
    private final AtomicReference<@Nullable Noting> last = new AtomicReference<>();
    private volatile boolean certain;

    private record Noting(Reply step, StepOffset where) {}

    /// @param fresh whether the lease of the claim is certainly still held
    /// @param onCancelled called when Redis knows that somebody wants the run cancelled
    public Witness(
            RunStates states,
            RunId run,
            String claim,
            RunTrail trail,
            BooleanSupplier fresh,
            Runnable onCancelled) {
        this.states = states;
        this.run = run;
        this.claim = claim;
        this.trail = trail;
        this.fresh = fresh;
        this.onCancelled = onCancelled;
    }

    /// What it tells.
    public RunTrail trail() {
        return trail;
    }

    @Override
    public void sent(Reply event) {
        trail.sent(event);
    }

    @Override
    public void began(Reply beginning) {
        trail.written(beginning);
        if (fresh.getAsBoolean()) {
            trail.confirmed(beginning);
        }
    }

    /// A turn that calls no tools is the last one: it is noted when the end is there, which saves a
    /// question to Redis.
    @Override
    public void step(Reply step, StepOffset where) {
        trail.written(step);
        Noting before = last.getAndSet(null);
        if (before != null) {
            note(before);
        }
        Noting noting = new Noting(step, where);
        if (step.event() instanceof RunEvent.TurnCompleted turn
                && turn.message().toolCalls().isEmpty()) {
            last.set(noting);
        } else {
            note(noting);
        }
    }

    private void note(Noting noting) {
        states.step(run, claim, noting.where())
                .thenAccept(noted -> {
                    switch (noted) {
                        case OURS -> trail.confirmed(noting.step());
                        case CANCELLED -> {
                            trail.confirmed(noting.step());
                            onCancelled.run();
                        }
                        case NOT -> {}
                    }
                });
    }

    /// Whether all that the journal has of this attempt certainly counts, asked when it has the
    /// end. Where it does not, Redis may as well have lost its data: the journal knows. What was
    /// certain once remains so.
    public CompletionStage<Boolean> counts() {
        if (certain) {
            return CompletableFuture.completedStage(true);
        }
        // Noted once only: the index of steps would have it twice.
        Noting noting = last.getAndSet(null);
        CompletionStage<Boolean> ours =
                noting == null
                        ? states.holds(run, claim)
                        : states.step(run, claim, noting.where())
                                .thenApply(noted -> noted != Noted.NOT);
        return ours.thenApply(counts -> {
            certain = counts;
            return counts;
        });
    }
}
