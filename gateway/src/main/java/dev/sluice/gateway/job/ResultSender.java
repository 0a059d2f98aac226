package dev.sluice.gateway.job;

import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.Topics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends results to where they are to go, and lays aside what cannot be sent. Safe for any thread;
/// nothing blocks. What it returns fails only where it was closed before.
final class ResultSender {
    private static final Logger LOG = LoggerFactory.getLogger(ResultSender.class);
    private static final Duration FIRST = Duration.ofMillis(100);

    private final Producer<String, byte[]> producer;
    private final Topics topics;
    private final Duration retry;
    private final Patience patience;
    private final JobMeters meters;

    /// A sender on a producer whose `send` does not block.
    ///
    /// @param retry how long a result is tried to be delivered
    ResultSender(
            Producer<String, byte[]> producer,
            Topics topics,
            Duration retry,
            Patience patience,
            JobMeters meters) {
        this.producer = producer;
        this.topics = topics;
        this.retry = retry;
        this.patience = patience;
        this.meters = meters;
    }

    /// Delivers a result. Where that does not succeed for so long, it goes to the dead-letter
    /// topic. Completes when either has it.
    CompletionStage<Void> deliver(Result result) {
        return deliver(result, System.nanoTime() + retry.toNanos(), FIRST);
    }

    /// The result is always tried first: where all of Kafka was away, nothing is wrong with it.
    private CompletionStage<Void> deliver(Result result, long until, Duration pause) {
        return send(result.record(topics))
                .thenRun(() -> meters.result(JobMeters.Delivery.DELIVERED))
                .exceptionallyCompose(failure -> {
                    if (patience.isClosed()) {
                        return CompletableFuture.failedStage(failure);
                    }
                    CompletionStage<Void> next =
                            System.nanoTime() < until
                                    ? CompletableFuture.failedStage(failure)
                                    : layAside(result, failure);
                    return next.exceptionallyCompose(_ ->
                            Patience.after(pause)
                                    .thenCompose(
                                            _ -> deliver(result, until, Patience.longer(pause))));
                });
    }

    private CompletionStage<Void> layAside(Result result, Throwable failure) {
        return lay(result.letter(topics, reason(failure)))
                .thenRun(() -> {
                    meters.result(JobMeters.Delivery.DEAD_LETTERED);
                    LOG.atWarn()
                            .addKeyValue("jobId", result.job().id())
                            .addKeyValue("runId", result.run())
                            .addKeyValue("topic", result.job().replyTopic())
                            .setCause(failure)
                            .log("a result could not be delivered");
                });
    }

    private static String reason(Throwable failure) {
        Throwable cause = cause(failure);
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }

    /// Puts a letter on the dead-letter topic, without its contents where those are too large.
    /// Completes when it is there; fails where Kafka does not take it.
    CompletionStage<Void> lay(DeadLetter letter) {
        return send(letter.record(topics))
                .exceptionallyCompose(failure ->
                        cause(failure) instanceof RecordTooLargeException
                                ? send(letter.withoutValue(topics))
                                : CompletableFuture.failedStage(failure));
    }

    private CompletionStage<Void> send(ProducerRecord<String, byte[]> record) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        try {
            producer.send(
                    record,
                    (_, failure) -> {
                        if (failure == null) {
                            sent.complete(null);
                        } else {
                            sent.completeExceptionally(failure);
                        }
                    });
        } catch (KafkaException | IllegalStateException e) {
            sent.completeExceptionally(e);
        }
        return sent;
    }
}
