package dev.sluice.standalone.job;

import dev.sluice.common.StartException;
import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Topics;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
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
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final String UNDELIVERED = "undelivered";

    private final KafkaSettings settings;
    private final Topics topics;
    private final PrintStream out;
    private final ProgressBar bar;
    private final Tally tally = new Tally();
    private final AtomicBoolean summedUp = new AtomicBoolean();

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
            submit(file, _ -> {});
            return true;
        }
        // Who does not want to wait any longer is told what has come.
        Thread hook = Thread.ofPlatform().name("sluice-summary").unstarted(this::sumUp);
        Runtime.getRuntime().addShutdownHook(hook);
        try (KafkaConsumer<String, byte[]> results = new KafkaConsumer<>(settings.follower())) {
            follow(results);
            submit(file, line -> tally.submitted(line.id(), System.nanoTime()));
            await(results);
            sumUp();
        } finally {
            forget(hook);
        }
        return tally.failed() == 0;
    }

    private void sumUp() {
        if (summedUp.compareAndSet(false, true)) {
            bar.done();
            tally.summary().forEach(out::println);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // It runs.
        }
    }

    private void submit(JobFile file, Consumer<JobFile.Line> submitted) {
        long begun = System.nanoTime();
        AtomicInteger sent = new AtomicInteger();
        AtomicReference<@Nullable Exception> failed = new AtomicReference<>();
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(producer())) {
            file.forEach(line -> {
                refuseIf(failed.get());
                submitted.accept(line);
                producer.send(
                        new ProducerRecord<>(topics.jobs(), line.id(), line.value()),
                        (_, failure) -> {
                            if (failure != null) {
                                failed.compareAndSet(null, failure);
                            }
                        });
                bar.show("submitted", sent.incrementAndGet(), file.count(), "");
            });
            producer.flush();
        } finally {
            bar.done();
        }
        refuseIf(failed.get());
        out.println(
                "submitted %d jobs in %s"
                        .formatted(
                                sent.get(),
                                Tally.seconds(Duration.ofNanos(System.nanoTime() - begun))));
    }

    private void refuseIf(@Nullable Exception failure) {
        if (failure != null) {
            throw new StartException(
                    "Kafka at %s does not take all jobs: %s"
                            .formatted(settings.config().bootstrapServers(), failure.getMessage()),
                    failure);
        }
    }

    private Map<String, Object> producer() {
        Map<String, Object> properties = settings.patientProducer();
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
        if (results.assignment().isEmpty()) {
            throw new StartException(
                    "there is no topic %s at %s: has a gateway served there?"
                            .formatted(topics.results(), settings.config().bootstrapServers()));
        }
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
