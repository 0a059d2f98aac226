package dev.sluice.worker.provider;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.provider.Outcome.Broken;
import dev.sluice.worker.provider.openai.ChunkReader;
import dev.sluice.worker.provider.openai.RequestBody;
import dev.sluice.worker.run.Model;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A [Model] behind OpenAI's [Chat
/// Completions](https://platform.openai.com/docs/api-reference/chat) API or a compatible one.
///
/// A call that failed before the provider answered, that it answered with 408, 409, 429 or 5xx, or
/// whose stream broke off or told of such a status before any part of an answer came, is made
/// again, as its configuration says. Where the wait before that is longer than the time that is
/// left, the call fails at once, with what it failed of. The deltas are called on an event loop.
final class OpenAiModel implements Model {
    private static final Logger LOG = LoggerFactory.getLogger(OpenAiModel.class);

    private final Upstream upstream;
    private final Backoff backoff;
    private final CallMeters meters;
    private final ErrorReplies errors;

    OpenAiModel(Upstream upstream, Backoff backoff, CallMeters meters) {
        this.upstream = upstream;
        this.backoff = backoff;
        this.meters = meters;
        this.errors = new ErrorReplies(upstream.name(), Secrets.of(upstream.config()));
    }

    @Override
    public Answer generate(Prompt prompt, Deltas deltas) throws InterruptedException {
        long start = System.nanoTime();
        String ending = "cancelled";
        try {
            Answer answer = call(prompt, deltas);
            switch (answer) {
                case Answer.Turn turn -> {
                    ending = "ok";
                    meters.tokens(turn.usage());
                }
                case Answer.Failed failed -> {
                    ending = CallMeters.name(failed.failure());
                    meters.tokens(failed.usage());
                }
            }
            return answer;
        } finally {
            meters.ended(ending, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    @Override
    public boolean takesPrefill() {
        return upstream.config().prefill();
    }

    private Answer call(Prompt prompt, Deltas deltas) throws InterruptedException {
        Deadline deadline =
                Deadline.of(
                        upstream.name(), upstream.config().timeout().total(), prompt.timeLeft());
        RequestOptions options = upstream.chatCompletions(prompt.trace());
        Buffer body =
                Buffer.buffer(
                        Json.MAPPER.writeValueAsBytes(
                                RequestBody.of(prompt, upstream.config().extraBody())));
        for (int attempt = 1; ; attempt++) {
            switch (attempt(prompt, deltas, deadline, options, body)) {
                case Outcome.Complete(var turn) -> {
                    return turn;
                }
                case Broken broken -> {
                    Duration wait =
                            broken.again() ? backoff.after(attempt, broken.retryAfter()) : null;
                    if (wait == null || wait.compareTo(deadline.left()) >= 0) {
                        return new Answer.Failed(broken.failure(), broken.usage());
                    }
                    LOG.atInfo()
                            .addKeyValue("provider", upstream.name())
                            .addKeyValue("status", broken.status())
                            .addKeyValue("failure", CallMeters.name(broken.failure()))
                            .addKeyValue("attempt", attempt)
                            .addKeyValue("waitMillis", wait.toMillis())
                            .log("trying an upstream call again");
                    meters.retried();
                    Thread.sleep(wait);
                }
            }
        }
    }

    private Outcome attempt(
            Prompt prompt, Deltas deltas, Deadline deadline, RequestOptions options, Buffer body)
            throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!deadline.left().isPositive()) {
            return Broken.forGood(deadline.missed(), Usage.NONE);
        }
        FirstPiece timed = new FirstPiece(deltas, meters);
        Attempt attempt =
                new Attempt(upstream, new ChunkReader(prompt, timed), timed, errors, deadline);
        CompletableFuture<Outcome> outcome = attempt.start(new RequestOptions(options), body);
        try {
            // The event loop keeps the time.
            return outcome.get();
        } catch (InterruptedException stop) {
            attempt.abort(new Failure.Internal());
            throw stop;
        } catch (ExecutionException fault) {
            throw new IllegalStateException(fault);
        }
    }
}
