package dev.sluice.gateway.dialect.runs;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.dialect.EventId;
import dev.sluice.gateway.dialect.chat.ChatJson;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// A run's events as they are, each a server-sent event of the event's own type. A stream that ends
/// before its run does ends with an event `error`.
record EventsFormat() implements Dialect.Format {

    @Override
    public Dialect.Stream stream(RunId run, String agent, Instant created) {
        return new Events();
    }

    /// A run as a whole is no stream of events.
    @Override
    public Dialect.Whole whole(RunId run, String agent, Instant created) {
        throw new UnsupportedOperationException("a run is fetched, not waited for");
    }

    @Override
    public boolean fromTheStart() {
        return false;
    }

    private static final class Events implements Dialect.Stream {
        @Override
        public List<Buffer> frames(Reply reply) {
            return List.of(frame(EventJson.type(reply.event()), EventJson.of(reply)));
        }

        @Override
        public Buffer named(Buffer frame, EventId id) {
            return Buffer.buffer("id: " + id + "\n").appendBuffer(frame);
        }

        @Override
        public @Nullable Buffer mark() {
            return null;
        }

        @Override
        public Buffer failure(Failure failure) {
            ObjectNode data = Json.MAPPER.createObjectNode();
            data.set("error", ChatJson.error(failure));
            return frame("error", data);
        }

        private static Buffer frame(String type, ObjectNode data) {
            return Buffer.buffer("event: ")
                    .appendString(type)
                    .appendString("\ndata: ")
                    .appendBytes(Json.MAPPER.writeValueAsBytes(data))
                    .appendString("\n\n");
        }

        @Override
        public boolean survives(RunEvent.TurnReset reset) {
            return true;
        }

        @Override
        public boolean failsWithStatus() {
            return false;
        }
    }
}
