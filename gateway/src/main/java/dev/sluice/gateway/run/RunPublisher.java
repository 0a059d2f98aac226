package dev.sluice.gateway.run;

import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.run.Control;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.Unavailable;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.TraceContext;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
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
    private final long maxBody;

    /// A publisher on a producer whose `send` does not block.
    public RunPublisher(
            Producer<String, byte[]> producer, Topics topics, RunStates states, long maxBody) {
        this.producer = producer;
        this.topics = topics;
        this.states = states;
        this.maxBody = maxBody;
    }

    /// Publishes a run, encoded as a request. Completes on `context` once all replicas have it,
    /// empty, or with why they do not. Where nobody can tell, the run's cancel flag is set before
    /// this completes.
    public Future<Optional<Failure>> publish(
            RunId run,
            byte[] request,
            String requestId,
            @Nullable TraceContext trace,
            Context context) {
        Promise<Optional<Failure>> published = Promise.promise();
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topics.interactiveRuns(), run.value(), request);
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
                    (_, failure) ->
                            settle(run, failure, !Thread.currentThread().equals(caller))
                                    .thenAccept(outcome ->
                                            context.runOnContext(
                                                    _ -> published.complete(outcome))));
        } catch (KafkaException | IllegalStateException e) {
            LOG.atWarn().setCause(e).log("a run could not be sent");
            published.complete(Optional.of(unavailable(Unavailable.Reason.LOG_UNAVAILABLE)));
        }
        return published.future();
    }

    private CompletionStage<Optional<Failure>> settle(
            RunId run, @Nullable Exception failure, boolean sent) {
        if (failure == null) {
            return CompletableFuture.completedStage(Optional.empty());
        }
        LOG.atWarn().addKeyValue("runId", run).setCause(failure).log("a run was not published");
        if (failure instanceof RecordTooLargeException) {
            return CompletableFuture.completedStage(Optional.of(new Failure.BodyTooLarge(maxBody)));
        }
        if (!sent) {
            return CompletableFuture.completedStage(
                    Optional.of(unavailable(Unavailable.Reason.LOG_UNAVAILABLE)));
        }
        return states.cancel(run)
                .handle((_, _) -> Optional.of(unavailable(Unavailable.Reason.PUBLISH_UNKNOWN)));
    }

    /// Cancels a run: sets its flag and rings the bell of the worker that may execute it.
    public void cancel(RunId run) {
        states.cancel(run)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOG.atWarn()
                                .addKeyValue("runId", run)
                                .setCause(failure)
                                .log("a cancel flag could not be set");
                    }
                    ring(run);
                });
    }

    private void ring(RunId run) {
        producer.send(
                new ProducerRecord<>(
                        topics.control(), run.value(), RunCodec.encode(new Control.Cancel(run))),
                (_, failure) -> {
                    if (failure != null) {
                        LOG.atWarn()
                                .addKeyValue("runId", run)
                                .setCause(failure)
                                .log("a cancellation was not published");
                    }
                });
    }

    private static Failure unavailable(Unavailable.Reason reason) {
        return new Unavailable(reason, RETRY_AFTER);
    }

    private static void header(ProducerRecord<String, byte[]> record, String name, String value) {
        record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
