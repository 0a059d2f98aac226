package dev.sluice.gateway.http;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.CutShort.Cause;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.Usage;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.run.RunCursor;
import dev.sluice.gateway.run.RunSink;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/// A run on its way into an HTTP response, whichever form that has. Confined to the event loop of
/// its connection; ends exactly once: with the run, with an error, or with the client's going away.
abstract class Answer implements RunSink {
    private final HttpServerResponse response;
    private final Dialect dialect;
    private final Watched watched;
    private final AnswerMeters meters;
    private final Ending ending;
    private @Nullable RunCursor cursor;
    private boolean acted;
    private boolean moved;
    private How how = How.WITH_THE_RUN;
    private boolean ended;

    /// How an answer ends.
    enum How {
        /// Its run has ended, or never began.
        WITH_THE_RUN,
        /// Nobody waits for it any more; its run goes on.
        LEFT,
        /// It was cut short though somebody waits for it; its run goes on.
        CUT_SHORT
    }

    /// Is told when an answer ended.
    interface Ending {
        void ended(Answer answer, How how);
    }

    Answer(
            HttpServerResponse response,
            Dialect dialect,
            Watched watched,
            AnswerMeters meters,
            Ending ending) {
        this.response = response;
        this.dialect = dialect;
        this.watched = watched;
        this.meters = meters;
        this.ending = ending;
    }

    /// Takes the cursor through which it gets the run's events.
    void follow(RunCursor cursor) {
        if (ended) {
            cursor.close();
        } else {
            this.cursor = cursor;
        }
    }

    @Override
    public final void take(Reply reply, long offset) {
        if (ended) {
            return;
        }
        moved = true;
        switch (reply.event()) {
            case RunEvent.RunCompleted completed -> {
                meters.used(completed.usage());
                complete(completed, reply, offset);
            }
            case RunEvent.RunFailed(Failure failure, Usage usage) -> {
                meters.used(usage);
                fail(failure, reply, offset);
            }
            case RunEvent.RunCancelled(Usage usage) -> {
                meters.used(usage);
                fail(new Failure.Cancelled(), reply, offset);
            }
            case RunEvent.TurnCompleted turn -> {
                acted |= !turn.message().toolCalls().isEmpty();
                add(reply, offset);
            }
            case RunEvent.AttemptStarted _ -> {
                meters.begun();
                add(reply, offset);
            }
            case RunEvent.TextDelta _,
                    RunEvent.ReasoningDelta _,
                    RunEvent.RefusalDelta _,
                    RunEvent.ToolCallDelta _,
                    RunEvent.ProviderDelta _,
                    RunEvent.ToolCompleted _,
                    RunEvent.TurnReset _,
                    RunEvent.CancelRequested _,
                    RunEvent.Unknown _ ->
                    add(reply, offset);
        }
    }

    @Override
    public final void broken() {
        cutShort(Cause.FAULT);
    }

    @Override
    public final void forgotten() {
        abandon(watched.notFound());
    }

    /// Fails the answer because its run never began.
    final void refuse(Failure failure) {
        if (!ended) {
            breakOff(failure);
        }
    }

    /// Fails the answer though its run may go on, and nobody waits for that here.
    final void abandon(Failure failure) {
        if (!ended) {
            how = How.LEFT;
            breakOff(failure);
        }
    }

    /// Fails the answer while its run goes on, for whoever asks again.
    final void cutShort(Cause cause) {
        if (!ended) {
            how = How.CUT_SHORT;
            breakOff(new Failure.CutShort(watched.run().value(), cause));
        }
    }

    /// Takes an event that is not the run's end.
    abstract void add(Reply reply, long offset);

    /// Writes the run's end, which is `reply`.
    abstract void complete(RunEvent.RunCompleted end, Reply reply, long offset);

    /// Writes the run's failure, which is `reply`.
    abstract void fail(Failure failure, Reply reply, long offset);

    /// Writes a failure of the answer's own.
    abstract void breakOff(Failure failure);

    /// Writes an error as the whole of the response, which has not begun.
    final void respond(Failure failure) {
        end();
        boolean once = (acted || how != How.WITH_THE_RUN) && !watched.repeatable();
        Responses.error(response, dialect.error(failure, once));
    }

    /// Notes that the client is about to see something.
    final void begin() {
        meters.began();
    }

    /// Notes that the client takes what it is given.
    final void move() {
        moved = true;
    }

    /// Whether anything has moved since this was asked last.
    final boolean moved() {
        boolean since = moved;
        moved = false;
        return since;
    }

    /// Whether what it is to say next is still to be read from the log.
    final boolean behind() {
        return cursor != null && cursor.behind();
    }

    /// Ends the answer; what is written afterwards is its last.
    final void end() {
        if (!ended) {
            ended = true;
            stopFollowing();
            release();
            ending.ended(this, how);
        }
    }

    /// The client went away, or counts as gone.
    final void gone() {
        if (!ended) {
            how = how == How.CUT_SHORT ? how : How.LEFT;
            end();
        }
    }

    /// Takes no event any more.
    final void stopFollowing() {
        if (cursor != null) {
            cursor.close();
        }
    }

    /// Releases timers and buffers.
    void release() {}

    /// Tells the cursor that there is room again.
    final void resume() {
        if (cursor != null && !ended) {
            cursor.resume();
        }
    }

    final boolean ended() {
        return ended;
    }

    final HttpServerResponse response() {
        return response;
    }
}
