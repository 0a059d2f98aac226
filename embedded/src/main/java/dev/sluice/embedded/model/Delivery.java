package dev.sluice.embedded.model;

import dev.sluice.embedded.model.Received.End;
import dev.sluice.embedded.model.rule.Pace;
import dev.sluice.embedded.model.rule.Reply;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/// Sends one answer at its pace, chunk by chunk or whole, and gives it the fault the script asks
/// for. Lives on the connection's event loop.
///
/// Each tick sends all that is due as one buffer, and no tick sends while the client's socket is
/// full, so that a slow client costs a bounded buffer.
final class Delivery {

    private static final int CHUNKS_PER_WRITE = 256;
    private static final long LEAST_TICK = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Journal.Entry entry;
    private final Frames frames;
    private final Reply.Fault fault;
    private final Pace pace;
    private final long chunks;
    private final long start = System.nanoTime();
    private long timer = NO_TIMER;
    private long sent;
    private boolean begun;
    private boolean over;

    Delivery(
            Vertx vertx,
            HttpServerRequest request,
            Journal.Entry entry,
            Frames frames,
            Completion completion,
            Playing.Cue cue,
            Reply.Fault fault) {
        this.vertx = vertx;
        this.request = request;
        this.response = request.response();
        this.entry = entry;
        this.frames = frames;
        this.fault = fault;
        this.pace = cue.pace();
        this.chunks =
                switch (fault) {
                    case Reply.Fault.CutAfter(int n) -> Math.min(n, completion.chunks());
                    case Reply.Fault.HangAfter(int n) -> Math.min(n, completion.chunks());
                    case Reply.Fault.None _, Reply.Fault.Malformed _ -> completion.chunks();
                };
        response.closeHandler(_ -> gone());
    }

    void stream() {
        if (fault instanceof Reply.Fault.CutAfter(int n) && n == 0) {
            cut();
            return;
        }
        response.setChunked(true).putHeader("Content-Type", "text/event-stream; charset=utf-8");
        response.putHeader("Cache-Control", "no-cache");
        entry.status(200);
        if (fault instanceof Reply.Fault.HangAfter(int n) && n == 0) {
            response.writeHead();
            entry.hanging();
            return;
        }
        if (!pace.firstToken().isZero()) {
            response.writeHead();
        }
        step();
    }

    /// Sends the body once its last token is due.
    void whole() {
        switch (fault) {
            case Reply.Fault.CutAfter _ -> later(pace.dueAt(chunks), this::cut);
            case Reply.Fault.HangAfter _ -> entry.hanging();
            case Reply.Fault.Malformed _ ->
                    later(pace.dueAt(chunks), () -> finish("{\"id\":\"chatcmpl-\",\"choices\":["));
            case Reply.Fault.None _ ->
                    later(
                            pace.dueAt(chunks - 1),
                            () -> {
                                ObjectNode body = frames.body();
                                entry.usage(body.path("usage"));
                                finish(body.toString());
                            });
        }
    }

    private void finish(String body) {
        over = true;
        entry.chunks(chunks);
        entry.status(200);
        entry.end(End.COMPLETED);
        response.putHeader("Content-Type", "application/json").end(body);
    }

    private void step() {
        timer = NO_TIMER;
        if (over) {
            return;
        }
        if (response.writeQueueFull()) {
            response.drainHandler(_ -> step());
            return;
        }
        // An empty answer begins when a first token would.
        long due = pace.due(System.nanoTime() - start);
        if (due == 0) {
            later(pace.dueAt(0), this::step);
            return;
        }
        long upTo = Math.min(Math.min(due, chunks), sent + CHUNKS_PER_WRITE);
        StringBuilder out = new StringBuilder();
        if (!begun) {
            begun = true;
            frames.appendRole(out);
            if (fault instanceof Reply.Fault.Malformed) {
                out.append(Frames.MALFORMED);
            }
        }
        for (; sent < upTo; sent++) {
            frames.appendChunk(sent, out);
        }
        entry.chunks(sent);
        if (sent == chunks) {
            last(out);
            return;
        }
        if (!out.isEmpty()) {
            response.write(Buffer.buffer(out.toString()));
        }
        later(pace.dueAt(sent), this::step);
    }

    private void last(StringBuilder out) {
        switch (fault) {
            case Reply.Fault.CutAfter _ -> {
                over = true;
                response.write(Buffer.buffer(out.toString())).onComplete(_ -> cut());
            }
            case Reply.Fault.HangAfter _ -> {
                response.write(Buffer.buffer(out.toString()));
                entry.hanging();
            }
            case Reply.Fault.None _, Reply.Fault.Malformed _ -> {
                over = true;
                frames.appendEnd(out);
                entry.usage(frames.streamedUsage());
                entry.end(End.COMPLETED);
                response.end(Buffer.buffer(out.toString()));
            }
        }
    }

    /// Runs `action` at `at`, in nanoseconds after the request; at once, but not in this call, when
    /// that is past, so that a long answer does not keep the event loop.
    private void later(long at, Runnable action) {
        long wait = at - (System.nanoTime() - start);
        if (wait <= 0) {
            vertx.runOnContext(_ -> runUnlessOver(action));
        } else {
            long millis = Math.ceilDiv(begun ? Math.max(wait, LEAST_TICK) : wait, 1_000_000L);
            timer = vertx.setTimer(millis, _ -> runUnlessOver(action));
        }
    }

    private void runUnlessOver(Runnable action) {
        if (!over) {
            action.run();
        }
    }

    private void cut() {
        over = true;
        entry.end(End.CUT);
        request.connection().close();
    }

    private void gone() {
        over = true;
        if (timer != NO_TIMER) {
            vertx.cancelTimer(timer);
        }
        entry.end(End.CLIENT_GONE);
    }
}
