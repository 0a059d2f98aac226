package dev.sluice.standalone.job;

import dev.sluice.common.StartException;
import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// The dead letters of a cluster: read, and published again. Blocks; belongs to one thread.
public final class DeadLetters implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(500);

    private final Topics topics;
    private final Clock clock;
    private final KafkaConsumer<String, byte[]> consumer;
    private final KafkaProducer<String, byte[]> producer;

    /// Those of a cluster.
    public DeadLetters(KafkaSettings settings, Topics topics, Clock clock) {
        this.topics = topics;
        this.clock = clock;
        this.consumer = new KafkaConsumer<>(settings.rereader());
        this.producer = new KafkaProducer<>(settings.patientProducer());
    }

    /// A letter on the topic.
    ///
    /// @param letter without its record's contents and headers, see [#whole(Entry)]
    /// @param at when it was laid aside
    /// @param truncated whether its record was too large to be kept as a whole
    /// @param redriven whether its record was published again since then
    public record Entry(
            DeadLetter letter,
            Instant at,
            boolean truncated,
            boolean redriven,
            TopicPartition partition,
            long offset) {
        private static Entry of(DeadLetter letter, ConsumerRecord<String, byte[]> record) {
            return new Entry(
                    letter,
                    Instant.ofEpochMilli(record.timestamp()),
                    DeadLetter.truncated(record),
                    false,
                    new TopicPartition(record.topic(), record.partition()),
                    record.offset());
        }

        private Entry again() {
            return new Entry(letter, at, truncated, true, partition, offset);
        }
    }

    /// All letters, oldest first. A record that was laid aside twice is one letter, as of the last
    /// time.
    public List<Entry> all() {
        Map<String, Entry> letters = new LinkedHashMap<>();
        List<TopicPartition> partitions =
                consumer.partitionsFor(topics.deadLetter(), PATIENCE).stream()
                        .map(info -> new TopicPartition(info.topic(), info.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
        while (partitions.stream()
                .anyMatch(one -> consumer.position(one, PATIENCE) < ends.getOrDefault(one, 0L))) {
            consumer.poll(POLL).forEach(record -> take(record, letters));
        }
        return List.copyOf(letters.values());
    }

    private static void take(ConsumerRecord<String, byte[]> record, Map<String, Entry> letters) {
        DeadLetter letter = DeadLetter.read(record).facts();
        if (DeadLetter.redriven(record)) {
            letters.computeIfPresent(letter.id(), (_, entry) -> entry.again());
        } else {
            letters.remove(letter.id());
            letters.put(letter.id(), Entry.of(letter, record));
        }
    }

    /// A letter with all that is kept of its record.
    ///
    /// @throws StartException if the topic no longer has it
    public DeadLetter whole(Entry entry) {
        consumer.assign(List.of(entry.partition()));
        consumer.seek(entry.partition(), entry.offset());
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                if (record.offset() == entry.offset()) {
                    return DeadLetter.read(record);
                }
                throw new StartException("it is no longer on the topic");
            }
        }
        throw new StartException("the topic cannot be read");
    }

    /// Publishes the record of a letter again where it came from, and says so on the dead-letter
    /// topic. A run that ended is published as another one. Who is interrupted may do it again: the
    /// same job, and the same run, is taken once.
    ///
    /// @throws StartException if Kafka does not take it, or there is nothing that could be
    ///   published
    public void redrive(Entry entry) throws InterruptedException {
        if (entry.truncated()) {
            throw new StartException("its record was too large to be kept, so none can be sent");
        }
        DeadLetter letter = whole(entry);
        ProducerRecord<String, byte[]> record = record(letter);
        requirePlace(record);
        send(record);
        send(letter.marker(topics, entry.partition().partition()));
    }

    private ProducerRecord<String, byte[]> record(DeadLetter letter) {
        return switch (letter.kind()) {
            case JOB -> record(letter, null);
            case RESULT -> record(letter, letter.from().partition());
            case RUN -> run(letter);
        };
    }

    private static ProducerRecord<String, byte[]> record(
            DeadLetter letter, @Nullable Integer partition) {
        return new ProducerRecord<>(
                letter.from().topic(), partition, letter.key(), letter.value(), letter.headers());
    }

    private ProducerRecord<String, byte[]> run(DeadLetter letter) {
        RunRequest ended;
        try {
            ended = RunCodec.decodeRequest(Objects.requireNonNullElse(letter.value(), new byte[0]));
        } catch (RunCodec.UndecodableException e) {
            throw new StartException("its record is no run: " + e.getMessage(), e);
        }
        TopicPartition replies = new TopicPartition(topics.replies(), ended.replyPartition());
        RunRequest anew =
                ended.as(
                        RunId.derived("redriven", ended.run().value()),
                        consumer.endOffsets(List.of(replies), PATIENCE).getOrDefault(replies, 0L),
                        clock.instant());
        return new ProducerRecord<>(
                topics.runs(anew.lane()),
                null,
                anew.run().value(),
                RunCodec.encode(anew),
                letter.headers());
    }

    /// A producer would wait for a topic or a partition that is not there, and may create it.
    private void requirePlace(ProducerRecord<String, byte[]> record) {
        int partitions = consumer.partitionsFor(record.topic(), PATIENCE).size();
        Integer partition = record.partition();
        if (partitions == 0 || (partition != null && partition >= partitions)) {
            throw new StartException(
                    partitions == 0
                            ? "there is no topic " + record.topic()
                            : "topic %s has no partition %d".formatted(record.topic(), partition));
        }
    }

    private void send(ProducerRecord<String, byte[]> record) throws InterruptedException {
        try {
            producer.send(record).get(PATIENCE.multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new StartException(
                    "topic %s does not take it: %s"
                            .formatted(
                                    record.topic(),
                                    e.getCause() == null ? e : e.getCause().getMessage()),
                    e);
        }
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
    }
}
