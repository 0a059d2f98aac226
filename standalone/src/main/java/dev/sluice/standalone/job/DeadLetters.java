package dev.sluice.standalone.job;

import dev.sluice.common.StartException;
import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Producers;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/// The dead letters of a cluster: read, and published again. Blocks; belongs to one thread.
public final class DeadLetters {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(500);

    private final KafkaSettings settings;
    private final Topics topics;
    private final Clock clock;

    /// Those of a cluster.
    public DeadLetters(KafkaSettings settings, Topics topics, Clock clock) {
        this.settings = settings;
        this.topics = topics;
        this.clock = clock;
    }

    /// A letter on the topic.
    ///
    /// @param at when it was laid aside
    /// @param redriven whether its record was published again
    public record Entry(DeadLetter letter, Instant at, boolean redriven) {
        /// Whether its record can be published again: it was not too large to be kept.
        public boolean whole() {
            return letter.value() != null || letter.kind() == DeadLetter.Kind.JOB;
        }
    }

    /// All letters, oldest first. A record that was laid aside twice is one letter.
    public List<Entry> all() {
        Map<String, Entry> letters = new LinkedHashMap<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(settings.rereader())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topics.deadLetter(), PATIENCE).stream()
                            .map(info -> new TopicPartition(info.topic(), info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
            while (partitions.stream()
                    .anyMatch(
                            one -> consumer.position(one, PATIENCE) < ends.getOrDefault(one, 0L))) {
                consumer.poll(POLL).forEach(record -> take(record, letters));
            }
        }
        return List.copyOf(letters.values());
    }

    private static void take(ConsumerRecord<String, byte[]> record, Map<String, Entry> letters) {
        DeadLetter letter = DeadLetter.read(record);
        if (DeadLetter.redriven(record)) {
            letters.computeIfPresent(
                    letter.id(), (_, entry) -> new Entry(entry.letter(), entry.at(), true));
        } else {
            letters.putIfAbsent(
                    letter.id(),
                    new Entry(letter, Instant.ofEpochMilli(record.timestamp()), false));
        }
    }

    /// Publishes the records of letters again where they came from, and says so on the dead-letter
    /// topic. A run that ended is published as another one. Who is interrupted may do it again: the
    /// same job, and the same run, is taken once.
    ///
    /// @throws StartException if Kafka does not take one, or a letter's contents are not there
    public void redrive(Collection<DeadLetter> letters) throws InterruptedException {
        try (Producer<String, byte[]> producer =
                Producers.open(
                        settings,
                        Stream.concat(
                                        Stream.of(topics.deadLetter()),
                                        letters.stream().map(letter -> record(letter).topic()))
                                .distinct()
                                .toList())) {
            for (DeadLetter letter : letters) {
                send(producer, record(letter));
                send(producer, letter.marker(topics));
            }
        }
    }

    private ProducerRecord<String, byte[]> record(DeadLetter letter) {
        return switch (letter.kind()) {
            case JOB ->
                    new ProducerRecord<>(
                            letter.from().topic(),
                            null,
                            letter.key(),
                            letter.value(),
                            letter.headers());
            case RESULT ->
                    new ProducerRecord<>(
                            letter.from().topic(),
                            letter.from().partition(),
                            letter.key(),
                            kept(letter),
                            letter.headers());
            case RUN -> run(letter, kept(letter));
        };
    }

    private static byte[] kept(DeadLetter letter) {
        byte[] value = letter.value();
        if (value == null) {
            throw new StartException(
                    letter.id() + " was too large to be kept, and cannot be published again");
        }
        return value;
    }

    private ProducerRecord<String, byte[]> run(DeadLetter letter, byte[] value) {
        RunRequest ended;
        try {
            ended = RunCodec.decodeRequest(value);
        } catch (RunCodec.UndecodableException e) {
            throw new StartException(letter.id() + " is no run: " + e.getMessage(), e);
        }
        RunRequest anew =
                ended.as(
                        RunId.derived("redriven", ended.run().value()),
                        end(ended.replyPartition()),
                        clock.instant());
        return new ProducerRecord<>(
                topics.runs(anew.lane()),
                null,
                anew.run().value(),
                RunCodec.encode(anew),
                letter.headers());
    }

    private long end(int partition) {
        TopicPartition replies = new TopicPartition(topics.replies(), partition);
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(settings.rereader())) {
            return consumer.endOffsets(List.of(replies), PATIENCE).getOrDefault(replies, 0L);
        }
    }

    private static void send(
            Producer<String, byte[]> producer, ProducerRecord<String, byte[]> record)
            throws InterruptedException {
        try {
            producer.send(record).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new StartException(
                    "topic %s does not take it: %s"
                            .formatted(
                                    record.topic(),
                                    e.getCause() == null ? e : e.getCause().getMessage()),
                    e);
        }
    }
}
