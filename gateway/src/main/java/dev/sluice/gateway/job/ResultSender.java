package dev.sluice.gateway.job;

import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.Topics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends results to where they are to go, and lays aside what cannot be sent. Safe for any thread;
/// nothing blocks. What it returns fails only where it was closed before.
final class ResultSender {
    private static final Logger LOG = LoggerFactory.getLogger(ResultSender.class);

    /// How much may wait for topics that do not take it, in units of 1 KiB: 32 MiB, and some 500
    /// results however small they are. So those of one submitter never hold up the others'.
    private static final int ROOM = 32 * 1024;

    private static final int UNIT = 1024;
    private static final int LEAST = 64;

    private final Producer<String, byte[]> producer;
    private final Topics topics;
    private final Duration retry;
    private final Patience patience;
    private final JobMeters meters;
    private final Semaphore room = new Semaphore(ROOM);

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

    /// Delivers a result. Where that does not succeed for so long, or cannot, it goes to the
    /// dead-letter topic. Completes when either has it.
    CompletionStage<Void> deliver(Result result) {
        Delivery delivery;
        try {
            delivery = new Delivery(result, result.record(topics));
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("jobId", result.job().id())
                    .addKeyValue("runId", result.run())
                    .setCause(e)
                    .log("a result cannot be written");
            return lay(result.lost(topics, "The result could not be written."));
        }
        return patience.untilDone("delivering a result", _ -> true, delivery::attempt)
                .whenComplete((_, _) -> delivery.leave());
    }

    /// A result on its way. It is always tried first: where all of Kafka was away, nothing is wrong
    /// with it.
    private final class Delivery {
        private final Result result;
        private final ProducerRecord<String, byte[]> record;
        private final int size;
        private final long until = System.nanoTime() + retry.toNanos();
        private boolean waits;

        Delivery(Result result, ProducerRecord<String, byte[]> record) {
            this.result = result;
            this.record = record;
            this.size = Math.clamp(record.value().length / UNIT, LEAST, ROOM);
        }

        CompletionStage<Void> attempt() {
            return send(record)
                    .thenRun(() -> meters.result(JobMeters.Delivery.DELIVERED))
                    .exceptionallyCompose(failure -> {
                        Throwable cause = Patience.cause(failure);
                        return mayWait(cause)
                                ? CompletableFuture.failedStage(cause)
                                : layAside(cause);
                    });
        }

        private boolean mayWait(Throwable cause) {
            if (isFinal(cause) || System.nanoTime() > until) {
                return false;
            }
            // That this process is busy, or all of Kafka away, says nothing of the topic.
            if (!waits
                    && !(cause instanceof BufferExhaustedException)
                    && !record.topic().equals(topics.results())) {
                waits = room.tryAcquire(size);
                return waits;
            }
            return true;
        }

        private CompletionStage<Void> layAside(Throwable cause) {
            String topic = record.topic();
            String reason =
                    "Kafka did not take the result for topic %s (%s)."
                            .formatted(topic, cause.getClass().getSimpleName());
            return layOnce(result.letter(record, reason))
                    .thenRun(() -> {
                        meters.result(JobMeters.Delivery.DEAD_LETTERED);
                        LOG.atWarn()
                                .addKeyValue("jobId", result.job().id())
                                .addKeyValue("runId", result.run())
                                .addKeyValue("topic", topic)
                                .setCause(cause)
                                .log("a result could not be delivered");
                    });
        }

        void leave() {
            if (waits) {
                room.release(size);
            }
        }
    }

    /// Whether Kafka will never take a record that it refused so.
    private static boolean isFinal(Throwable cause) {
        return cause instanceof RecordTooLargeException
                || cause instanceof InvalidTopicException
                || cause instanceof AuthorizationException;
    }

    /// Puts a letter on the dead-letter topic, without what is too large of it. Completes when it
    /// is there.
    CompletionStage<Void> lay(DeadLetter letter) {
        return patience.untilDone("laying a record aside", _ -> true, () -> layOnce(letter));
    }

    private CompletionStage<Void> layOnce(DeadLetter letter) {
        return send(letter.record(topics))
                .exceptionallyCompose(smaller(() -> letter.withoutValue(topics)))
                .exceptionallyCompose(smaller(() -> letter.bare(topics)));
    }

    private Function<Throwable, CompletionStage<Void>> smaller(
            Supplier<ProducerRecord<String, byte[]>> form) {
        return failure ->
                Patience.cause(failure) instanceof RecordTooLargeException
                        ? send(form.get())
                        : CompletableFuture.failedStage(failure);
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
