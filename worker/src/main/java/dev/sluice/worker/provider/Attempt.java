package dev.sluice.worker.provider;

import dev.sluice.common.config.ProviderConfig.Timeouts;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.UpstreamTimedOut.Phase;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.provider.Outcome.Broken;
import dev.sluice.worker.provider.openai.ChunkReader;
import dev.sluice.worker.run.Journal;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One attempt at a call: it sends the request and reads the answer, all on one event loop.
/// Whatever way it ends, its request is complete or reset afterwards.
final class Attempt {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

    private final Upstream upstream;
    private final Context loop;
    private final FirstPiece pieces;
    private final Deadline deadline;
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private final UpstreamReply reply;
    private final Watch watch;

    // Held while deltas are handed on: whoever has set `ended` knows that no more of them follow.
    private final Object lock = new Object();
    private boolean ended;

    // Of the event loop alone.
    private @Nullable HttpClientRequest request;
    private @Nullable HttpClientResponse response;
    private boolean answered;
    private boolean flushing;

    /// @param pieces are flushed when nothing more has come for the moment; the first of them at
    ///   once, those that follow in one go with other calls'
    Attempt(
            Upstream upstream,
            ChunkReader chunks,
            FirstPiece pieces,
            ErrorReplies errors,
            Deadline deadline) {
        this.upstream = upstream;
        this.pieces = pieces;
        this.deadline = deadline;
        this.loop = upstream.eventLoop();
        this.watch = new Watch(loop.owner(), deadline, this::late);
        this.reply =
                new UpstreamReply(
                        chunks,
                        errors,
                        () -> watch.expect(Phase.BETWEEN_TOKENS, timeouts().betweenTokens()));
    }

    /// Sends the request. The future is completed on the event loop, or by [#abort].
    CompletableFuture<Outcome> start(RequestOptions options, Buffer body) {
        loop.runOnContext(_ -> connect(options, body));
        return outcome;
    }

    /// Ends the attempt, from any thread; nothing is handed to the deltas after this returns.
    void abort(Failure failure) {
        end(Broken.forGood(failure, Usage.NONE));
    }

    private void connect(RequestOptions options, Buffer body) {
        if (hasEnded()) {
            return;
        }
        watch.start();
        try {
            upstream.client()
                    .request(options)
                    .onComplete(connected -> send(connected, body), this::unconnected);
        } catch (IllegalStateException closed) {
            unconnected(closed);
        }
    }

    private void send(HttpClientRequest connected, Buffer body) {
        if (hasEnded()) {
            connected.reset();
            return;
        }
        request = connected;
        watch.expect(Phase.FIRST_TOKEN, timeouts().firstToken());
        connected.send(body).onComplete(this::receive, this::unanswered);
    }

    private void receive(HttpClientResponse head) {
        response = head;
        reply.begin(head);
        head.exceptionHandler(_ -> read(reply::cut));
        head.endHandler(_ -> {
            answered = true;
            read(reply::end);
            watch.stop();
        });
        head.handler(bytes -> read(() -> reply.take(bytes.getBytes())));
    }

    private void read(Supplier<@Nullable Outcome> step) {
        boolean begun = pieces.begun();
        step(step);
        if (flushing) {
            return;
        }
        flushing = true;
        if (begun) {
            upstream.linger().join(this::flush);
        } else {
            // Behind whatever else has come with it.
            loop.runOnContext(_ -> flush());
        }
    }

    private void flush() {
        flushing = false;
        step(() -> {
            pieces.flush();
            return null;
        });
    }

    /// Takes a step, unless the attempt has ended, and ends it with what the step comes to.
    private void step(Supplier<@Nullable Outcome> step) {
        Outcome end;
        synchronized (lock) {
            if (ended) {
                return;
            }
            try {
                end = step.get();
            } catch (Journal.LostException lost) {
                // Whoever gave the attempt up knows, and stops it.
                end = Broken.forGood(new Failure.Internal(), reply.usage());
            } catch (RuntimeException fault) {
                LOG.atError()
                        .setCause(fault)
                        .addKeyValue("provider", upstream.name())
                        .log("reading an upstream's answer failed");
                end = Broken.forGood(new Failure.Internal(), reply.usage());
            }
        }
        if (end != null) {
            end(end);
        }
    }

    private void unconnected(Throwable cause) {
        boolean late =
                cause instanceof ConnectTimeoutException
                        || cause instanceof SslHandshakeTimeoutException
                        || cause.getCause() instanceof SslHandshakeTimeoutException;
        LOG.atDebug()
                .setCause(cause)
                .addKeyValue("provider", upstream.name())
                .log("no connection to an upstream");
        end(
                Broken.unanswered(
                        late
                                ? new Failure.UpstreamTimedOut(upstream.name(), Phase.CONNECT)
                                : new Failure.UpstreamUnreachable(upstream.name())));
    }

    private void unanswered(Throwable cause) {
        LOG.atDebug()
                .setCause(cause)
                .addKeyValue("provider", upstream.name())
                .log("an upstream closed the connection before it answered");
        end(Broken.unanswered(new Failure.UpstreamCut(upstream.name())));
    }

    private void late(@Nullable Phase phase) {
        Failure failure =
                phase == null
                        ? deadline.missed()
                        : new Failure.UpstreamTimedOut(upstream.name(), phase);
        end(Broken.forGood(failure, reply.usage()));
    }

    private boolean hasEnded() {
        synchronized (lock) {
            return ended;
        }
    }

    private void end(Outcome how) {
        synchronized (lock) {
            if (ended) {
                return;
            }
            ended = true;
        }
        outcome.complete(how);
        try {
            loop.runOnContext(_ -> release(how));
        } catch (RejectedExecutionException gone) {
            LOG.atDebug().setCause(gone).log("the event loop of a call has ended before it");
        }
    }

    private void release(Outcome how) {
        watch.stop();
        if (request == null || answered) {
            return;
        }
        if (how instanceof Outcome.Complete && response != null) {
            // All is said; what is left of the answer is its end, and then the connection can be
            // used again.
            watch.linger(Duration.ofSeconds(1), request::reset);
        } else {
            request.reset();
        }
    }

    private Timeouts timeouts() {
        return upstream.config().timeout();
    }
}
