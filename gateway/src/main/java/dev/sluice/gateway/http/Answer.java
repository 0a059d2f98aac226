package dev.sluice.gateway.http;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.Usage;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.run.RunCursor;
import dev.sluice.gateway.run.RunSink;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A run on its way into an HTTP response, whichever form that has. Confined to the event loop of
/// its connection; ends exactly once: with the run, with an error, or with the client's going away.
abstract class Answer implements RunSink {
    private final HttpServerResponse response;
    private final Dialect dialect;
    private final Ending ending;
    private final long began = System.nanoTime();
    private final String agent;
    private final GatewayMeters meters;
    private @Nullable RunCursor cursor;
    private boolean acted;
    private boolean begun;
    private boolean unfinished;
    private boolean ended;

    /// Is told when an answer ended; `unfinished` says that the run goes on without anybody
    /// waiting.
    interface Ending {
        void ended(Answer answer, boolean unfinished);
    }

    Answer(
            HttpServerResponse response,
            Dialect dialect,
            String agent,
            GatewayMeters meters,
            Ending ending) {
        this.response = response;
        this.dialect = dialect;
        this.agent = agent;
        this.meters = meters;
        this.ending = ending;
    }

    /// Takes the cursor through which it gets the run's events.
    void follow(RunCursor cursor) {
        this.cursor = cursor;
    }

    @Override
    public final void take(RunEvent event) {
        if (ended) {
            return;
        }
        switch (event) {
            case RunEvent.RunCompleted completed -> {
                used(completed.usage());
                complete(completed);
            }
            case RunEvent.RunFailed(Failure failure, Usage usage) -> {
                used(usage);
                fail(failure, event);
            }
            case RunEvent.RunCancelled(Usage usage) -> {
                used(usage);
                fail(new Failure.Cancelled(), event);
            }
            case RunEvent.TurnCompleted turn -> {
                acted |= !turn.message().toolCalls().isEmpty();
                add(event);
            }
            case RunEvent.AttemptStarted _,
                    RunEvent.TextDelta _,
                    RunEvent.ReasoningDelta _,
                    RunEvent.RefusalDelta _,
                    RunEvent.ToolCallDelta _,
                    RunEvent.ProviderDelta _,
                    RunEvent.ToolCompleted _,
                    RunEvent.TurnReset _,
                    RunEvent.CancelRequested _,
                    RunEvent.Unknown _ ->
                    add(event);
        }
    }

    @Override
    public final void broken() {
        abandon(new Failure.Internal());
    }

    /// Fails the answer for a reason of the gateway's own.
    void fail(Failure failure) {
        if (!ended) {
            fail(failure, new RunEvent.RunFailed(failure, Usage.NONE));
        }
    }

    /// Fails the answer though its run may go on.
    void abandon(Failure failure) {
        unfinished = true;
        fail(failure);
    }

    private void used(Usage usage) {
        meters.used(agent, usage);
    }

    /// Takes an event that is not the run's end.
    abstract void add(RunEvent event);

    /// Writes the run's end.
    abstract void complete(RunEvent.RunCompleted end);

    /// Writes a failure, of which `end` is the event.
    abstract void fail(Failure failure, RunEvent end);

    /// Writes an error as the whole of the response, which has not begun.
    final void respond(Failure failure) {
        end();
        Responses.error(response, dialect.error(failure, acted));
    }

    /// Notes that the client is about to see something.
    final void begin() {
        if (!begun) {
            begun = true;
            meters.firstEvent(agent, Duration.ofNanos(System.nanoTime() - began));
        }
    }

    /// Ends the answer; what is written afterwards is its last.
    final void end() {
        if (!ended) {
            ended = true;
            finish(unfinished);
        }
    }

    /// The client went away, or counts as gone.
    final void gone() {
        if (!ended) {
            ended = true;
            finish(true);
        }
    }

    private void finish(boolean unfinished) {
        if (cursor != null) {
            cursor.close();
        }
        release();
        ending.ended(this, unfinished);
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
