package dev.sluice.gateway.http;

import dev.sluice.common.config.GatewayConfig;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.RunEvent;
import dev.sluice.gateway.dialect.Dialect;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayDeque;
import java.util.Deque;

/// An answer that is written as server-sent events while the run goes on.
///
/// The response begins with the first frame or the first heartbeat, so that a run that fails before
/// either is answered with a status. What the connection does not take at once is held here up to
/// `gateway.stream_buffer`; beyond that the stream falls behind and reads on from the log.
final class StreamAnswer extends Answer {
    private static final Buffer HEARTBEAT = Buffer.buffer(": keep-alive\n\n");

    private final Vertx vertx;
    private final Dialect.Stream stream;
    private final GatewayConfig config;
    private final GatewayMeters meters;
    private final Deque<Buffer> held = new ArrayDeque<>();
    private long heartbeat;
    private long lastSent = System.nanoTime();
    private long heldBytes;
    private long stallTimer = -1;
    private boolean last;

    StreamAnswer(
            Vertx vertx,
            HttpServerResponse response,
            Dialect dialect,
            Dialect.Stream stream,
            GatewayConfig config,
            String agent,
            GatewayMeters meters,
            Ending ending) {
        super(response, dialect, agent, meters, ending);
        this.vertx = vertx;
        this.stream = stream;
        this.config = config;
        this.meters = meters;
        this.heartbeat = vertx.setTimer(config.heartbeat().toMillis(), _ -> beat());
        response.drainHandler(_ -> drained());
    }

    @Override
    public boolean hasRoom() {
        boolean room = heldBytes < config.streamBuffer().bytes();
        if (!room) {
            meters.fellBehind();
        }
        return room;
    }

    @Override
    void add(RunEvent event) {
        for (Buffer frame : stream.frames(event)) {
            begin();
            send(frame);
        }
    }

    @Override
    void complete(RunEvent.RunCompleted end) {
        add(end);
        finish();
    }

    @Override
    void fail(Failure failure, RunEvent end) {
        if (last) {
            // Its client has not taken the run's end in all this time.
            gone();
            response().reset();
        } else if (!response().headWritten()) {
            respond(failure);
        } else {
            add(end);
            finish();
        }
    }

    /// Ends the response once all that is held has been written.
    private void finish() {
        last = true;
        if (held.isEmpty()) {
            end();
            response().end();
        }
    }

    private void send(Buffer frame) {
        lastSent = System.nanoTime();
        if (!response().headWritten()) {
            response()
                    .setChunked(true)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream; charset=utf-8")
                    .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                    .putHeader("x-accel-buffering", "no");
        }
        if (held.isEmpty() && !response().writeQueueFull()) {
            response().write(frame);
        } else {
            held.add(frame);
            heldBytes += frame.length();
            watchForStall();
        }
    }

    private void drained() {
        if (ended()) {
            return;
        }
        unwatch();
        while (!held.isEmpty() && !response().writeQueueFull()) {
            Buffer frame = held.remove();
            heldBytes -= frame.length();
            response().write(frame);
        }
        if (!held.isEmpty()) {
            watchForStall();
        } else if (last) {
            finish();
        } else {
            resume();
        }
    }

    /// Breaks a silence that has lasted long enough, and looks again when the next one may have.
    private void beat() {
        long silence = (System.nanoTime() - lastSent) / 1_000_000;
        if (silence >= config.heartbeat().toMillis()) {
            if (held.isEmpty() && !response().writeQueueFull()) {
                send(HEARTBEAT);
            }
            silence = 0;
        }
        heartbeat = vertx.setTimer(config.heartbeat().toMillis() - silence, _ -> beat());
    }

    private void watchForStall() {
        if (stallTimer < 0) {
            stallTimer =
                    vertx.setTimer(
                            config.stallTimeout().toMillis(),
                            _ -> {
                                gone();
                                response().reset();
                            });
        }
    }

    private void unwatch() {
        if (stallTimer >= 0) {
            vertx.cancelTimer(stallTimer);
            stallTimer = -1;
        }
    }

    @Override
    void release() {
        vertx.cancelTimer(heartbeat);
        unwatch();
        held.clear();
    }
}
