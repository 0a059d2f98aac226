package dev.sluice.gateway.http;

import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunRequest;
import dev.sluice.gateway.http.access.Backlog;
import dev.sluice.gateway.run.ReplyRouter;
import dev.sluice.gateway.run.RunCursor;
import dev.sluice.gateway.run.RunSink;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A run in the backlog whose client does not wait for what it says: followed to its first event,
/// and to its deadline at the most. Confined to one event loop.
final class Unfollowed implements RunSink {
    private final Vertx vertx;
    private final Backlog backlog;
    private final RunRequest request;
    private @Nullable RunCursor cursor;
    private long timer;
    private boolean done;

    private Unfollowed(Vertx vertx, Backlog backlog, RunRequest request) {
        this.vertx = vertx;
        this.backlog = backlog;
        this.request = request;
    }

    /// Adds a run to the backlog that is about to be published, if it belongs there.
    static Unfollowed add(
            RunRequest request,
            ReplyRouter router,
            ReplyRouter.Place place,
            Backlog backlog,
            Duration left,
            Vertx vertx) {
        Unfollowed run = new Unfollowed(vertx, backlog, request);
        if (backlog.add(request)) {
            run.timer = vertx.setTimer(Math.max(1, left.toMillis()), _ -> run.done());
            run.cursor = router.follow(request.run(), place, run);
        } else {
            run.done = true;
        }
        return run;
    }

    /// Takes it out of the backlog.
    void done() {
        if (!done) {
            done = true;
            vertx.cancelTimer(timer);
            backlog.remove(request.run());
            if (cursor != null) {
                cursor.close();
            }
        }
    }

    @Override
    public void take(Reply reply, long offset) {
        done();
    }

    @Override
    public void broken() {
        done();
    }

    @Override
    public void forgotten() {
        done();
    }

    @Override
    public boolean hasRoom() {
        return true;
    }
}
