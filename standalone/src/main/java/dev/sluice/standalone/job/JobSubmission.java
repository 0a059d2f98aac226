package dev.sluice.standalone.job;

import dev.sluice.common.StartException;
import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Topics;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Submits a file of jobs, and waits for their results where it is to. Blocks; belongs to one
/// thread.
public final class JobSubmission {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final String UNDELIVERED = "undelivered";

    private final KafkaSettings settings;
    private final Topics topics;
    private final PrintStream out;
    private final ProgressBar bar;
    private final Tally tally = new Tally();

    /// A submission to a cluster.
    ///
    /// @param out takes the summary
    /// @param progress takes how far it has come
    /// @param terminal whether that is a terminal
    public JobSubmission(
            KafkaSettings settings,
            Topics topics,
            PrintStream out,
            PrintStream progress,
            boolean terminal) {
        this.settings = settings;
        this.topics = topics;
        this.out = out;
        this.bar = new ProgressBar(progress, terminal);
    }

    /// Submits the jobs of a file.
    ///
    /// @param watch whether to wait for all their results
    /// @return whether nothing failed that it knows of
    /// @throws StartException if Kafka does not take them
    public boolean run(JobFile file, boolean watch) {
        if (!watch) {
            submit(file.lines());
            return true;
        }
        try (KafkaConsumer<String, byte[]> results = new KafkaConsumer<>(settings.follower())) {
            follow(results);
            submit(file.lines());
            await(results);
        }
        tally.summary().forEach(out::println);
        return tally.failed() == 0;
    }

    private void submit(List<JobFile.Line> lines) {
        long begun = System.nanoTime();
        AtomicReference<@Nullable Exception> failed = new AtomicReference<>();
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(producer())) {
            for (int i = 0; i < lines.size() && failed.get() == null; i++) {
                JobFile.Line line = lines.get(i);
                tally.submitted(line.id(), System.nanoTime());
                producer.send(
                        new ProducerRecord<>(topics.jobs(), line.id(), line.value()),
                        (_, failure) -> {
                            if (failure != null) {
                                failed.compareAndSet(null, failure);
                            }
                        });
                bar.show("submitted", i + 1, lines.size(), "");
            }
            producer.flush();
        } finally {
            bar.done();
        }
        Exception failure = failed.get();
        if (failure != null) {
            throw new StartException(
                    "Kafka at %s does not take all jobs: %s"
                            .formatted(settings.config().bootstrapServers(), failure.getMessage()),
                    failure);
        }
        out.println(
                "submitted %d jobs in %s"
                        .formatted(
                                lines.size(),
                                Tally.seconds(Duration.ofNanos(System.nanoTime() - begun))));
    }

    /// Here a producer may wait for room: nobody else does meanwhile.
    private Map<String, Object> producer() {
        Map<String, Object> properties = settings.producer();
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE.toMillis());
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        return properties;
    }

    /// From now on: what others are sent is none of ours.
    private void follow(KafkaConsumer<String, byte[]> results) {
        results.assign(
                Stream.of(topics.results(), topics.deadLetter())
                        .flatMap(topic -> results.partitionsFor(topic, PATIENCE).stream())
                        .map(info -> new TopicPartition(info.topic(), info.partition()))
                        .toList());
        results.seekToEnd(results.assignment());
        results.assignment().forEach(partition -> results.position(partition, PATIENCE));
    }

    private void await(KafkaConsumer<String, byte[]> results) {
        int all = tally.left();
        while (tally.left() > 0) {
            results.poll(POLL).forEach(this::take);
            bar.show(
                    "results",
                    tally.count(),
                    all,
                    tally.failed() == 0 ? "" : ", %d failed".formatted(tally.failed()));
        }
        bar.done();
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        long now = System.nanoTime();
        if (record.topic().equals(topics.results())) {
            String status = DeadLetter.text(record.headers(), "status").orElse("unknown");
            tally.came(record.key(), status, record.value(), now);
        } else if (!DeadLetter.redriven(record)
                && DeadLetter.read(record).kind() == DeadLetter.Kind.RESULT) {
            tally.came(record.key(), UNDELIVERED, record.value(), now);
        }
    }
}
