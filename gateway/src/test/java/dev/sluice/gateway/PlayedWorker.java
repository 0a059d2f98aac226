package dev.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.audit.AuditCodec;
import dev.sluice.common.audit.AuditEvent;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.audit.Tokens;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Producers;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/// A worker whose part is played by a test: it takes one offer after the other and writes what the
/// test says. Belongs to one thread.
final class PlayedWorker implements AutoCloseable {
    private final Topics topics;
    private final KafkaConsumer<String, byte[]> offers;
    private final KafkaProducer<String, byte[]> producer;
    private final TopicPartition control;
    private final Queue<ConsumerRecord<String, byte[]>> taken = new ArrayDeque<>();

    PlayedWorker(KafkaSettings settings, Topics topics) {
        this.topics = topics;
        this.offers = new KafkaConsumer<>(settings.follower());
        this.producer = Producers.open(settings, List.of(topics.replies(), topics.audit()));
        this.control = new TopicPartition(topics.control(), 0);
        offers.assign(topics.runs().stream().map(topic -> new TopicPartition(topic, 0)).toList());
        offers.seekToEnd(offers.assignment());
        offers.assignment().forEach(offers::position);
    }

    /// The next offer of any lane, waited for.
    RunRequest take() {
        long patience = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (taken.isEmpty() && System.nanoTime() < patience) {
            offers.poll(Duration.ofMillis(100)).forEach(taken::add);
        }
        assertThat(taken).as("offers").isNotEmpty();
        ConsumerRecord<String, byte[]> offer = taken.remove();
        RunRequest request = RunCodec.decodeRequest(offer.value());
        assertThat(offer.topic()).isEqualTo(topics.runs(request.lane()));
        return request;
    }

    /// Whether no further offer comes for a moment.
    boolean idle() {
        offers.poll(Duration.ofMillis(300)).forEach(taken::add);
        return taken.isEmpty();
    }

    /// Writes an event of the run, waits until it is in the log, and says where.
    long write(RunRequest run, int attempt, long seq, RunEvent event) {
        var sent =
                producer.send(
                        new ProducerRecord<>(
                                topics.replies(),
                                run.replyPartition(),
                                run.run().value(),
                                RunCodec.encode(
                                        new Reply(
                                                run.run(),
                                                attempt,
                                                "claim-" + attempt,
                                                seq,
                                                Instant.ofEpochMilli(1_790_000_000_123L),
                                                event))));
        producer.flush();
        return sent.resultNow().offset();
    }

    /// Tells the audit stream that the run completed, and where.
    void tellEnd(RunRequest run, long offset) {
        tellEnd(run, offset, 1);
    }

    /// The same of a run with so many turns.
    void tellEnd(RunRequest run, long offset, int turns) {
        producer.send(
                new AuditCodec(topics)
                        .encode(
                                new AuditRecord(
                                        run.run().value() + "/end",
                                        Instant.ofEpochMilli(1_790_000_000_123L),
                                        AuditRecord.Subject.of(run),
                                        1,
                                        new AuditEvent.RunEnded(
                                                RunEntry.Status.COMPLETED,
                                                FinishReason.STOP,
                                                null,
                                                Tokens.of(Usage.NONE),
                                                turns,
                                                0,
                                                5,
                                                1,
                                                new AuditEvent.Place(
                                                        run.replyPartition(), offset)))));
        producer.flush();
    }

    /// How many words there are on the control topic.
    long controls() {
        return offers.endOffsets(List.of(control)).getOrDefault(control, 0L);
    }

    @Override
    public void close() {
        offers.close();
        producer.close();
    }
}
