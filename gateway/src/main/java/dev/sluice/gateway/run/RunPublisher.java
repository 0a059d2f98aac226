package dev.sluice.gateway.run;

import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.RunEntry.Offer;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.run.Control;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.Unavailable;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.TraceContext;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Publishes runs and their cancellations. Safe for any thread; nothing blocks.
public final class RunPublisher {
    private static final Logger LOG = LoggerFactory.getLogger(RunPublisher.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    private final Producer<String, byte[]> producer;
    private final Topics topics;
    private final RunStates states;
    private final Clock clock;
    private final long maxBody;

    /// A publisher on a producer whose `send` does not block.
    public RunPublisher(
            Producer<String, byte[]> producer,
            Topics topics,
            RunStates states,
            Clock clock,
            long maxBody) {
        this.producer = producer;
        this.topics = topics;
        this.states = states;
        this.clock = clock;
        this.maxBody = maxBody;
    }

    /// What publishing a run came to.
    public sealed interface Published {
        /// All replicas have it.
        record Taken() implements Published {}

        /// It never left this process.
        record Refused(Failure failure) implements Published {}

        /// Nobody can tell.
        record Unknown(Failure failure) implements Published {}
    }

    /// Publishes a run in its lane. Completes on `context`.
    ///
    /// @param value the request, encoded
    /// @param repeatable whether the same run may be asked for again: that it was published is then
    ///   noted. Otherwise, where nobody can tell whether it was, its cancel flag is set before this
    ///   completes: the client must not simply ask again
    public Future<Published> publish(
            RunRequest request,
            byte[] value,
            boolean repeatable,
            String requestId,
            @Nullable TraceContext trace,
            Context context) {
        RunId run = request.run();
        Promise<Published> published = Promise.promise();
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topics.runs(request.lane()), run.value(), value);
        header(record, RunRequest.REQUEST_ID, requestId);
        if (trace != null) {
            header(record, TraceContext.TRACEPARENT, trace.traceparent());
            if (trace.tracestate() != null) {
                header(record, TraceContext.TRACESTATE, trace.tracestate());
            }
        }
        // What fails within send itself is told on this very thread, and never left the process.
        Thread caller = Thread.currentThread();
        try {
            producer.send(
                    record,
                    (at, failure) -> {
                        if (failure == null && repeatable) {
                            note(run, new Offer(request.lane(), at.partition(), at.offset()));
                        }
                        settle(run, failure, repeatable, !Thread.currentThread().equals(caller))
                                .thenAccept(outcome ->
                                        context.runOnContext(_ -> published.complete(outcome)));
                    });
        } catch (KafkaException | IllegalStateException e) {
            LOG.atWarn().setCause(e).log("a run could not be sent");
            published.complete(
                    new Published.Refused(unavailable(Unavailable.Reason.LOG_UNAVAILABLE)));
        }
        return published.future();
    }

    /// Nobody waits for it: a repetition that does not find it publishes the run once more.
    private void note(RunId run, Offer offer) {
        states.offered(run, offer)
                .exceptionally(failure -> {
                    LOG.atDebug()
                            .addKeyValue("runId", run)
                            .setCause(failure)
                            .log("it could not be noted that a run was published");
                    return null;
                });
    }

    private CompletionStage<Published> settle(
            RunId run, @Nullable Exception failure, boolean repeatable, boolean sent) {
        if (failure == null) {
            return CompletableFuture.completedStage(new Published.Taken());
        }
        LOG.atWarn().addKeyValue("runId", run).setCause(failure).log("a run was not published");
        if (failure instanceof RecordTooLargeException) {
            return CompletableFuture.completedStage(
                    new Published.Refused(new Failure.BodyTooLarge(maxBody)));
        }
        Failure away = unavailable(Unavailable.Reason.LOG_UNAVAILABLE);
        if (!sent) {
            return CompletableFuture.completedStage(new Published.Refused(away));
        }
        if (repeatable) {
            return CompletableFuture.completedStage(new Published.Unknown(away));
        }
        return states.cancel(run)
                .handle((_, _) ->
                        new Published.Unknown(unavailable(Unavailable.Reason.PUBLISH_UNKNOWN)));
    }

    /// Cancels a run: sets its flag, says so in its journal, and rings the bell of the worker that
    /// may execute it. Answers whether the run had not ended; fails, and does nothing, where the
    /// flag cannot be set.
    public CompletionStage<Boolean> cancel(RunId run, int partition) {
        return states.cancel(run).thenCompose(open -> tell(run, partition, open));
    }

    /// Cancels a run unless somebody watches it, as far as that can be told: without Redis, the
    /// journal and the bell have to do.
    public CompletionStage<Boolean> cancelUnwatched(RunId run, int partition) {
        return states.cancelUnwatched(run)
                .exceptionally(failure -> {
                    LOG.atWarn()
                            .addKeyValue("runId", run)
                            .setCause(failure)
                            .log("a cancel flag could not be set");
                    return true;
                })
                .thenCompose(open -> tell(run, partition, open));
    }

    /// The bell is rung once the journal has it, so that whoever hears it finds it there.
    private CompletionStage<Boolean> tell(RunId run, int partition, boolean open) {
        if (!open) {
            return CompletableFuture.completedStage(false);
        }
        Reply requested =
                new Reply(
                        run,
                        0,
                        "",
                        0,
                        clock.instant().truncatedTo(ChronoUnit.MILLIS),
                        new RunEvent.CancelRequested());
        return send(
                        run,
                        new ProducerRecord<>(
                                topics.replies(),
                                partition,
                                run.value(),
                                RunCodec.encode(requested)))
                .thenCompose(_ ->
                        send(
                                run,
                                new ProducerRecord<>(
                                        topics.control(),
                                        run.value(),
                                        RunCodec.encode(new Control.Cancel(run)))))
                .thenApply(_ -> true);
    }

    /// Sends a word about a cancellation. What fails is logged: the flag stands.
    private CompletionStage<?> send(RunId run, ProducerRecord<String, byte[]> record) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        try {
            producer.send(
                    record,
                    (_, failure) -> {
                        if (failure != null) {
                            unsent(run, failure);
                        }
                        sent.complete(null);
                    });
        } catch (KafkaException | IllegalStateException e) {
            unsent(run, e);
            sent.complete(null);
        }
        return sent;
    }

    private static void unsent(RunId run, Exception failure) {
        LOG.atWarn()
                .addKeyValue("runId", run)
                .setCause(failure)
                .log("a cancellation was not published");
    }

    private static Failure unavailable(Unavailable.Reason reason) {
        return new Unavailable(reason, RETRY_AFTER);
    }

    private static void header(ProducerRecord<String, byte[]> record, String name, String value) {
        record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
