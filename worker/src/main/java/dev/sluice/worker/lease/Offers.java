package dev.sluice.worker.lease;

import dev.sluice.common.journal.LogReader;
import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.RunEntry.Offer;
import dev.sluice.common.run.Control;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The offers of runs in the log: read again, published again, laid aside. Safe for any thread;
/// nothing blocks.
public final class Offers {
    private static final Logger LOG = LoggerFactory.getLogger(Offers.class);

    private final Producer<String, byte[]> producer;
    private final Topics topics;
    private final Map<Lane, LogReader> logs;

    /// @param logs read the runs topic of each lane
    public Offers(Producer<String, byte[]> producer, Topics topics, Map<Lane, LogReader> logs) {
        this.producer = producer;
        this.topics = topics;
        this.logs = new EnumMap<>(logs);
    }

    /// An offer is no longer in the log.
    static final class GoneException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        GoneException(RunId run) {
            super("the offer of " + run + " is no longer in the log");
        }
    }

    /// Publishes a run's offer again in its lane, for attempts above `floor`. Completes when it is
    /// there, with what is offered.
    CompletionStage<RunRequest> again(RunId run, Offer offer, int floor) {
        return read(run, offer)
                .thenCompose(record -> {
                    RunRequest request = RunCodec.decodeRequest(record.value()).above(floor);
                    return send(new ProducerRecord<>(
                                    topics.runs(offer.lane()),
                                    null,
                                    run.value(),
                                    RunCodec.encode(request),
                                    record.headers()))
                            .thenApply(_ -> request);
                });
    }

    /// Publishes an offer as it is, where it is, to be delivered as if for the first time.
    /// Completes when it is there.
    public CompletionStage<?> anew(ConsumerRecord<String, byte[]> offer) {
        return send(
                new ProducerRecord<>(
                        offer.topic(), null, offer.key(), offer.value(), offer.headers()));
    }

    /// Puts the offer of a run that workers die of on the dead-letter topic. Completes when it is
    /// there.
    public CompletionStage<?> bury(RunId run, Offer offer, int crashes) {
        return read(run, offer)
                .thenCompose(record -> {
                    ProducerRecord<String, byte[]> letter =
                            DeadLetter.of(run.value(), DeadLetter.Kind.RUN, "crashed", record)
                                    .record(topics);
                    header(letter, "crashes", String.valueOf(crashes));
                    return send(letter);
                });
    }

    /// Tells whoever still executes a lower attempt to stop.
    public void supersede(RunId run, int attempt) {
        send(new ProducerRecord<>(
                        topics.control(),
                        run.value(),
                        RunCodec.encode(new Control.Superseded(run, attempt))))
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOG.atDebug()
                                .addKeyValue("runId", run)
                                .setCause(failure)
                                .log("nobody was told of a later attempt");
                    }
                });
    }

    private static void header(ProducerRecord<String, byte[]> record, String name, String value) {
        record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private CompletionStage<ConsumerRecord<String, byte[]>> read(RunId run, Offer offer) {
        return Objects.requireNonNull(logs.get(offer.lane()))
                .at(offer.partition(), List.of(offer.offset()))
                .thenApply(records -> {
                    if (records.isEmpty() || !run.value().equals(records.getFirst().key())) {
                        throw new GoneException(run);
                    }
                    return records.getFirst();
                });
    }

    private CompletionStage<?> send(ProducerRecord<String, byte[]> record) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        try {
            producer.send(
                    record,
                    (_, failure) -> {
                        if (failure == null) {
                            written.complete(null);
                        } else {
                            written.completeExceptionally(failure);
                        }
                    });
        } catch (KafkaException | IllegalStateException e) {
            written.completeExceptionally(e);
        }
        return written;
    }
}
