package dev.sluice.embedded.mcp;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// A response that streams server-sent events; may be written to from any thread.
final class EventStream {

    private final Context context;
    private final HttpServerResponse response;

    /// Must be called on `context`, the response's; sends the head at once.
    EventStream(Context context, HttpServerResponse response) {
        this.context = context;
        this.response = response;
        response.setChunked(true)
                .putHeader("Content-Type", "text/event-stream")
                .putHeader("Cache-Control", "no-cache")
                .writeHead();
    }

    /// Calls `action` on the event loop when the connection is gone.
    void onGone(Runnable action) {
        response.closeHandler(_ -> action.run());
    }

    /// Sends one event; fails when the client is gone.
    Mono<Void> send(String event, @Nullable String id, String data) {
        String frame = (id == null ? "" : "id: " + id + "\n") + "event: " + event + "\ndata: ";
        return Mono.fromCompletionStage(
                () -> onContext(() -> response.write(frame + data + "\n\n")).toCompletionStage());
    }

    void end() {
        onContext(() -> response.ended() ? Future.succeededFuture() : response.end());
    }

    private Future<Void> onContext(Supplier<Future<Void>> write) {
        Promise<Void> done = Promise.promise();
        context.runOnContext(_ -> {
            if (response.closed()) {
                done.fail("the client is gone");
            } else {
                write.get().onComplete(done);
            }
        });
        return done.future();
    }
}
