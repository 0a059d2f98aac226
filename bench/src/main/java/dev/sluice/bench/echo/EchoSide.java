package dev.sluice.bench.echo;

import dev.sluice.bench.fleet.Jvm;
import dev.sluice.bench.fleet.Role;
import dev.sluice.bench.load.Question;
import dev.sluice.bench.load.Side;
import dev.sluice.bench.load.Tally;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Producers;
import dev.sluice.common.kafka.TopicSetup;
import dev.sluice.common.run.Lane;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/// The near side of the echo: asks whatever is asked with a record, and has its answer when one
/// comes back. Its times end where the record is polled.
public final class EchoSide implements Side, AutoCloseable {
    private static final Duration POLL = Duration.ofSeconds(1);

    private final Context loop;
    private final byte[] request;
    private final Role far;
    private final KafkaProducer<String, byte[]> producer;
    private final KafkaConsumer<String, byte[]> consumer;
    private final Thread thread = Thread.ofPlatform().name("echo-replies").unstarted(this::follow);
    private final Map<String, Asked> open = new ConcurrentHashMap<>();
    private long asked;

    private record Asked(long from, Tally tally, Promise<Void> over) {}

    private EchoSide(Context loop, KafkaSettings settings, RecordSizes sizes, Role far) {
        this.loop = loop;
        this.request = new byte[sizes.request()];
        this.far = far;
        this.producer = Producers.open(settings, List.of(EchoMain.TOPICS.runs(Lane.INTERACTIVE)));
        this.consumer = new KafkaConsumer<>(settings.follower());
    }

    /// Starts the far side and returns when an echo comes back.
    ///
    /// @param config whose Kafka is used
    /// @param folder of the far side's log
    public static EchoSide start(
            Context loop, Path config, KafkaSettings settings, RecordSizes sizes, Path folder)
            throws InterruptedException {
        TopicSetup.ensure(settings, EchoMain.TOPICS);
        var far =
                new Role(
                        "echo",
                        List.of(
                                Jvm.full(
                                        EchoMain.class.getName(),
                                        config.toString(),
                                        String.valueOf(sizes.reply()))),
                        folder);
        far.start();
        var side = new EchoSide(loop, settings, sizes, far);
        try {
            far.awaitServing();
            var partition = new TopicPartition(EchoMain.TOPICS.replies(), EchoMain.PARTITION);
            side.consumer.assign(List.of(partition));
            side.consumer.seekToEnd(List.of(partition));
            side.consumer.position(partition);
            side.thread.start();
            return side;
        } catch (InterruptedException | RuntimeException e) {
            side.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "echo";
    }

    @Override
    public Future<Void> ask(Question question, long from, Tally tally) {
        // As long as the keys of runs.
        String key = "run_%032d".formatted(asked++);
        Promise<Void> over = Promise.promise();
        open.put(key, new Asked(from, tally, over));
        producer.send(
                new ProducerRecord<>(EchoMain.TOPICS.runs(Lane.INTERACTIVE), key, request),
                (_, failure) -> {
                    if (failure != null) {
                        loop.runOnContext(_ -> over.tryFail("not sent: " + failure));
                    }
                });
        return over.future();
    }

    private void follow() {
        try {
            while (true) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    arrived(record.key(), System.nanoTime());
                }
            }
        } catch (WakeupException _) {
            consumer.close();
        }
    }

    private void arrived(String key, long at) {
        Asked of = open.remove(key);
        if (of != null) {
            loop.runOnContext(_ -> {
                of.tally().answered(of.from(), at);
                of.over().tryComplete();
            });
        }
    }

    @Override
    public void close() {
        far.abandon();
        producer.close(Duration.ZERO);
        if (thread.isAlive()) {
            consumer.wakeup();
        } else {
            consumer.close();
        }
    }
}
