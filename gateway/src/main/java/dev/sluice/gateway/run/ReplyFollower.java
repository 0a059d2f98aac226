package dev.sluice.gateway.run;

import dev.sluice.common.StartException;
import dev.sluice.common.journal.LogReader;
import io.vertx.core.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows this gateway's partitions of the reply topic from their ends, on one thread, and hands
/// each poll's records to the routers of the event loops, in one hop each.
public final class ReplyFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyFollower.class);
    private static final Duration POLL = Duration.ofSeconds(1);

    /// How many batches may wait for an event loop before polling pauses.
    private static final int BATCHES = 256;

    private final Consumer<String, byte[]> consumer;
    private final String topic;
    private final List<Integer> partitions;
    private final Map<Integer, ReplyRouter> routers = new ConcurrentHashMap<>();
    private final Map<Integer, Long> positions = new ConcurrentHashMap<>();
    private final Semaphore batches = new Semaphore(BATCHES);
    private final CountDownLatch following = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().name("sluice-replies").unstarted(this::run);
    private volatile boolean failed;
    private volatile boolean closing;

    /// A follower of `count` of the topic's `all` partitions, chosen by the gateway's `instance`.
    public ReplyFollower(
            Consumer<String, byte[]> consumer, String topic, int all, int count, String instance) {
        this.consumer = consumer;
        this.topic = topic;
        List<Integer> shuffled =
                IntStream.range(0, all).boxed().collect(Collectors.toCollection(ArrayList::new));
        Collections.shuffle(shuffled, new Random(instance.hashCode()));
        this.partitions = List.copyOf(shuffled.subList(0, Math.min(count, all)));
    }

    /// A router for the event loop `index` of `loops`, which owns its share of the partitions.
    /// Every event loop has one before [#start()].
    public ReplyRouter router(Context context, int index, int loops, LogReader log) {
        List<Integer> share =
                IntStream.range(0, partitions.size())
                        .filter(i -> i % loops == index)
                        .mapToObj(partitions::get)
                        .toList();
        ReplyRouter router = new ReplyRouter(context, share, this, log);
        share.forEach(partition -> routers.put(partition, router));
        return router;
    }

    /// How many partitions are followed, and with it the most event loops that can have a share.
    public int partitions() {
        return partitions.size();
    }

    /// Begins to follow. Blocks until whatever is written from now on will be seen.
    ///
    /// @throws StartException if it cannot
    public void start() throws InterruptedException {
        thread.start();
        following.await();
        if (failed) {
            throw new StartException(
                    "topic %s cannot be followed; the log says why".formatted(topic));
        }
    }

    /// Whether it still follows.
    public boolean following() {
        return !failed && thread.isAlive() && following.getCount() == 0;
    }

    /// The offset of the next record that will arrive from a partition.
    long position(int partition) {
        return positions.getOrDefault(partition, 0L);
    }

    private void run() {
        try {
            List<TopicPartition> assigned =
                    partitions.stream()
                            .map(partition -> new TopicPartition(topic, partition))
                            .toList();
            consumer.assign(assigned);
            consumer.seekToEnd(assigned);
            assigned.forEach(partition ->
                    positions.put(partition.partition(), consumer.position(partition)));
            following.countDown();
            while (!closing) {
                handOver(consumer.poll(POLL));
            }
        } catch (WakeupException | InterruptedException | InterruptException e) {
            LOG.atDebug().log("reply follower closed");
        } catch (RuntimeException e) {
            failed = true;
            LOG.atError().setCause(e).log("reply follower failed");
        } finally {
            following.countDown();
            // An interrupt that is still pending would break off the farewell to the broker.
            Thread.interrupted();
            consumer.close();
        }
    }

    private void handOver(ConsumerRecords<String, byte[]> records) throws InterruptedException {
        for (TopicPartition partition : records.partitions()) {
            List<ConsumerRecord<String, byte[]>> batch = records.records(partition);
            ReplyRouter router = routers.get(partition.partition());
            if (router != null) {
                batches.acquire();
                router.arrived(batch, batches::release);
            }
            positions.put(partition.partition(), batch.getLast().offset() + 1);
        }
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        // Lets go a batch that waits for an event loop. An interrupt would do so too, but break the
        // consumer's own closing.
        batches.release(BATCHES);
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
