package dev.sluice.gateway.dialect;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A protocol that clients speak. Stateless and safe for any thread.
public interface Dialect {

    /// Reads the body of a request that starts a run.
    Parsed parse(Buffer body);

    /// Words a failure for this protocol's clients.
    ///
    /// @param acted whether the run had begun to act, so that the client must not simply try again
    ErrorResponse error(Failure failure, boolean acted);

    /// What a body came to.
    sealed interface Parsed {
        /// A request that can be run.
        record Accepted(Ask ask) implements Parsed {}

        /// A request that cannot, and why not.
        record Refused(Failure failure) implements Parsed {}
    }

    /// How a run is answered: the part of a request that concerns the gateway alone.
    interface Format {
        /// Encodes a run as a stream of frames. `created` is when the run was accepted.
        Stream stream(RunId run, String agent, Instant created);

        /// Encodes a run as one body.
        Whole whole(RunId run, String agent, Instant created);

        /// Whether a frame depends on the events before its own, so that a stream must be given
        /// them even where its client has seen them.
        boolean fromTheStart();
    }

    /// Encodes one run's events as they come: the counted ones, in order, from the run's first on
    /// where the format wants it. One thread at a time.
    interface Stream {
        /// The frames that an event adds, each a complete server-sent event without an id; empty
        /// for an event that clients do not see. A terminal event adds the stream's last frames,
        /// but for the mark.
        List<Buffer> frames(Reply reply);

        /// The frame, with the id of its event.
        Buffer named(Buffer frame, EventId id);

        /// What stands at the end of a stream whose run completed, also where its client has seen
        /// all events; null for nothing.
        @Nullable Buffer mark();

        /// The last frame of a stream that ends before its run does.
        Buffer failure(Failure failure);

        /// Whether what was told of the turn can be taken back, or nothing was. If not, the stream
        /// ends here.
        boolean survives(RunEvent.TurnReset reset);

        /// Whether a run that fails before there was any frame is answered with an error's status
        /// instead of a stream.
        boolean failsWithStatus();
    }

    /// Collects one run's events into an answer. One thread at a time.
    interface Whole {
        /// Takes the next counted event, which is not terminal.
        void add(RunEvent event);

        /// The body, once the run has completed.
        Buffer body(RunEvent.RunCompleted end);
    }

    /// An answer that says what went wrong. `headers` are in lower case.
    record ErrorResponse(int status, Map<String, String> headers, Buffer body) {}
}
