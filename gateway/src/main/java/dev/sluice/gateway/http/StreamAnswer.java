package dev.sluice.gateway.http;

import dev.sluice.common.config.GatewayConfig;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.CutShort.Cause;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.dialect.EventId;
import dev.sluice.gateway.run.Unseen;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// An answer that is written as server-sent events while the run goes on.
///
/// The response begins with the first frame or the first heartbeat, so that a run that fails before
/// either can be answered with a status. The last frame of each event names the event, so that a
/// client whose connection breaks can say where it stood. Frames of events that arrive together are
/// gathered and written as one. What the connection does not take at once is held here up to
/// `gateway.stream_buffer`; beyond that the stream falls behind and reads on from the log.
final class StreamAnswer extends Answer {
    private static final Buffer HEARTBEAT = Buffer.buffer(": keep-alive\n\n");

    private final Vertx vertx;
    private final Dialect.Stream stream;
    private final Unseen unseen;
    private final boolean resumed;
    private final GatewayConfig config;
    private final AnswerMeters meters;
    private final List<Buffer> gathered = new ArrayList<>();
    private final Deque<Buffer> held = new ArrayDeque<>();
    private long heartbeat;
    private long lastSent = System.nanoTime();
    private long gatheredBytes;
    private long heldBytes;
    private long stallTimer = -1;
    private boolean begun;
    private boolean last;

    /// An answer on `stream`, for a client that is to see what is `unseen`; `resumed` says that it
    /// has seen something before.
    StreamAnswer(
            Vertx vertx,
            HttpServerResponse response,
            Dialect dialect,
            Dialect.Stream stream,
            Unseen unseen,
            boolean resumed,
            GatewayConfig config,
            Watched watched,
            AnswerMeters meters,
            Ending ending) {
        super(response, dialect, watched, meters, ending);
        this.vertx = vertx;
        this.stream = stream;
        this.unseen = unseen;
        this.resumed = resumed;
        this.config = config;
        this.meters = meters;
        this.heartbeat = vertx.setTimer(config.heartbeat().toMillis(), _ -> beat());
        response.drainHandler(_ -> drained());
    }

    @Override
    public boolean hasRoom() {
        boolean room = gatheredBytes + heldBytes < config.streamBuffer().bytes();
        if (!room) {
            meters.fellBehind();
        }
        return room;
    }

    @Override
    void add(Reply reply, long offset) {
        if (reply.event() instanceof RunEvent.TurnReset reset && !stream.survives(reset)) {
            cutShort(Cause.TURN_RESET);
            return;
        }
        List<Buffer> frames = stream.frames(reply);
        if (unseen.shows(reply)) {
            for (int i = 0; i < frames.size(); i++) {
                begin();
                boolean names = i == frames.size() - 1 && reply.seq() > 0;
                send(
                        names
                                ? stream.named(frames.get(i), new EventId(reply.seq(), offset))
                                : frames.get(i));
            }
        }
    }

    @Override
    void complete(RunEvent.RunCompleted end, Reply reply, long offset) {
        add(reply, offset);
        Buffer mark = stream.mark();
        if (mark != null) {
            send(mark);
        }
        finish();
    }

    @Override
    void fail(Failure failure, Reply reply, long offset) {
        if (stream.failsWithStatus() && !resumed && !begun) {
            respond(failure);
        } else {
            add(reply, offset);
            finish();
        }
    }

    @Override
    void breakOff(Failure failure) {
        if (last) {
            // Its client has not taken the run's end in all this time.
            gone();
            response().reset();
        } else if (!begun) {
            respond(failure);
        } else {
            send(stream.failure(failure));
            finish();
        }
    }

    /// Ends the response once all that is held has been written.
    private void finish() {
        last = true;
        stopFollowing();
        if (!held.isEmpty() || (!gathered.isEmpty() && response().writeQueueFull())) {
            flush();
            return;
        }
        Buffer rest = takeGathered();
        end();
        if (begun) {
            response().end(rest);
        } else {
            // Nothing is left to be seen: a client that would go on asking is told to stop.
            response().setStatusCode(Attacher.NO_CONTENT).end();
        }
    }

    private void send(Buffer frame) {
        lastSent = System.nanoTime();
        if (!begun) {
            begun = true;
            response()
                    .setChunked(true)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream; charset=utf-8")
                    .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                    .putHeader("x-accel-buffering", "no");
        }
        if (gathered.isEmpty()) {
            // Behind whatever else has arrived with it.
            vertx.runOnContext(_ -> flush());
        }
        gathered.add(frame);
        gatheredBytes += frame.length();
    }

    private void flush() {
        if (ended() || gathered.isEmpty()) {
            return;
        }
        Buffer frames = takeGathered();
        if (held.isEmpty() && !response().writeQueueFull()) {
            response().write(frames);
            resume();
        } else {
            held.add(frames);
            heldBytes += frames.length();
            watchForStall();
        }
    }

    private Buffer takeGathered() {
        Buffer frames;
        if (gathered.size() == 1) {
            frames = gathered.getFirst();
        } else {
            frames = Buffer.buffer((int) gatheredBytes);
            gathered.forEach(frames::appendBuffer);
        }
        gathered.clear();
        gatheredBytes = 0;
        return frames;
    }

    private void drained() {
        if (ended()) {
            return;
        }
        move();
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
        gathered.clear();
        held.clear();
    }
}
