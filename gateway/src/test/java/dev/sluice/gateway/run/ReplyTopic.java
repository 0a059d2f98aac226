package dev.sluice.gateway.run;

import dev.sluice.common.config.ByteSize;
import dev.sluice.common.config.KafkaConfig;
import dev.sluice.common.journal.LogReader;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Producers;
import dev.sluice.common.kafka.TopicSetup;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.embedded.EmbeddedKafka;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/// A reply topic on a real broker, an event loop of a gateway that follows two of its four
/// partitions, and workers that write what a test says.
final class ReplyTopic implements AutoCloseable {
    static final int PARTITIONS = 4;
    private static final Topics TOPICS = new Topics("cursor");

    private final EmbeddedKafka broker;
    private final KafkaSettings settings;
    private final KafkaProducer<String, byte[]> producer;
    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final LogReader log;
    private final ReplyFollower follower;
    private final ReplyRouter router;
    private final Map<String, Long> numbers = new HashMap<>();

    ReplyTopic(Path data) throws InterruptedException {
        broker = EmbeddedKafka.start(data, 0);
        settings =
                KafkaSettings.forBodies(
                        new KafkaConfig(
                                broker.bootstrapServers(),
                                Map.of(),
                                TOPICS.prefix(),
                                1,
                                new KafkaConfig.Partitions(1, PARTITIONS, 1, 1),
                                Duration.ofHours(1),
                                new ByteSize(1L << 30),
                                Duration.ofHours(1),
                                Duration.ofHours(1)),
                        1 << 20);
        TopicSetup.ensure(settings, TOPICS);
        producer = Producers.open(settings, List.of(TOPICS.replies()));
        log = new LogReader(new KafkaConsumer<>(settings.rereader()), TOPICS.replies());
        follower =
                new ReplyFollower(
                        new KafkaConsumer<>(settings.visitor()),
                        TOPICS.replies(),
                        PARTITIONS,
                        2,
                        "gw");
        router = follower.router(loop, 0, 1, log);
        follower.start();
    }

    ReplyRouter router() {
        return router;
    }

    LogReader log() {
        return log;
    }

    Vertx vertx() {
        return vertx;
    }

    Context loop() {
        return loop;
    }

    /// The partitions that are the gateway's own, and the others.
    List<Integer> partitions(boolean own) throws Exception {
        return java.util.stream.IntStream.range(0, PARTITIONS)
                .filter(partition -> own == owns(partition))
                .boxed()
                .toList();
    }

    private boolean owns(int partition) {
        return router.owns(partition);
    }

    /// Does something on the event loop.
    <T> T onLoop(Callable<T> what) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        loop.runOnContext(_ -> {
            try {
                done.complete(what.call());
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        });
        return done.get(5, TimeUnit.SECONDS);
    }

    /// What something that is begun on the event loop comes to.
    <T> T answer(Callable<Future<T>> what) throws Exception {
        return onLoop(what).toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /// Writes an event as that attempt does, numbered on from where the attempt before it stood
    /// when it began.
    void write(int partition, RunId run, int attempt, String claim, RunEvent event) {
        write(
                partition,
                new Reply(
                        run,
                        attempt,
                        claim,
                        number(run, attempt, claim, event),
                        Instant.now().truncatedTo(ChronoUnit.MILLIS),
                        event));
    }

    void write(int partition, Reply reply) {
        write(partition, reply.run(), RunCodec.encode(reply));
    }

    void write(int partition, RunId run, byte[] value) {
        producer.send(new ProducerRecord<>(TOPICS.replies(), partition, run.value(), value));
    }

    private long number(RunId run, int attempt, String claim, RunEvent event) {
        String writer = run + "/" + attempt + "/" + claim;
        if (event instanceof RunEvent.AttemptStarted) {
            numbers.put(writer, numbers.getOrDefault(run + "/" + (attempt - 1) + "/a", 0L));
            return 0;
        }
        return event instanceof RunEvent.CancelRequested ? 0 : numbers.merge(writer, 1L, Long::sum);
    }

    /// Loses the next number of an attempt.
    void skipNumber(RunId run, int attempt, String claim) {
        numbers.merge(run + "/" + attempt + "/" + claim, 1L, Long::sum);
    }

    void flush() {
        producer.flush();
    }

    /// Has the broker forget what stands before an offset.
    void forget(int partition, long before) throws Exception {
        try (Admin admin = Admin.create(settings.admin())) {
            admin.deleteRecords(
                            Map.of(
                                    new TopicPartition(TOPICS.replies(), partition),
                                    RecordsToDelete.beforeOffset(before)))
                    .all()
                    .get(10, TimeUnit.SECONDS);
        }
    }

    @Override
    public void close() {
        follower.close();
        log.close();
        producer.close();
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(5, TimeUnit.SECONDS)
                .join();
        broker.close();
    }
}
