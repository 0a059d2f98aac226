package dev.sluice.gateway.run;

import dev.sluice.common.StartException;
import dev.sluice.common.journal.LogReader;
import io.vertx.core.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows partitions of the reply topic from their ends, on one thread, and hands each poll's
/// records to the routers of the event loops, in one hop each. Some partitions are this gateway's
/// own and followed for good; others for as long as a router wants them.
public final class ReplyFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyFollower.class);
    private static final Duration POLL = Duration.ofSeconds(1);

    /// How many batches may wait for an event loop before polling pauses.
    private static final int BATCHES = 256;

    private final Consumer<String, byte[]> consumer;
    private final String topic;
    private final List<Integer> partitions;
    private final Map<Integer, List<ReplyRouter>> routers = new ConcurrentHashMap<>();
    private final Map<Integer, Long> positions = new ConcurrentHashMap<>();
    private final Queue<Wish> wishes = new ConcurrentLinkedQueue<>();
    private final Semaphore batches = new Semaphore(BATCHES);
    private final AtomicInteger turn = new AtomicInteger();
    private final CountDownLatch following = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().name("sluice-replies").unstarted(this::run);
    private volatile boolean failed;
    private volatile boolean closing;

    /// A router wants a partition's records, from an offset on at the latest, or none any more.
    private record Wish(
            ReplyRouter router,
            int partition,
            OptionalLong from,
            CompletableFuture<Long> position) {}

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
    public ReplyRouter router(Context context, int index, int loops, LogReader log) {
        List<Integer> share =
                IntStream.range(0, partitions.size())
                        .filter(i -> i % loops == index)
                        .mapToObj(partitions::get)
                        .toList();
        ReplyRouter router = new ReplyRouter(context, share, this, log);
        share.forEach(partition -> add(partition, router));
        return router;
    }

    /// How many partitions are this gateway's own, and with it the most event loops that can have a
    /// share.
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

    /// A place for the replies of a run that nobody here follows: one of this gateway's own
    /// partitions after the other. Safe for any thread.
    public ReplyRouter.Place nextPlace() {
        int partition = partitions.get(Math.floorMod(turn.getAndIncrement(), partitions.size()));
        return new ReplyRouter.Place(partition, position(partition));
    }

    /// The offset of the next record that will arrive from one of this gateway's own partitions.
    long position(int partition) {
        return positions.getOrDefault(partition, 0L);
    }

    /// Hands a partition's records to a router, from `end` on if it is not followed yet and else
    /// from where it is followed. Answers from where on.
    CompletionStage<Long> join(int partition, long end, ReplyRouter router) {
        return wish(new Wish(router, partition, OptionalLong.of(end), new CompletableFuture<>()));
    }

    /// Hands them to it no more.
    void leave(int partition, ReplyRouter router) {
        wish(new Wish(router, partition, OptionalLong.empty(), new CompletableFuture<>()));
    }

    private CompletionStage<Long> wish(Wish wish) {
        wishes.add(wish);
        consumer.wakeup();
        if (closing || failed) {
            refuseWishes();
        }
        return wish.position();
    }

    private void run() {
        try {
            consumer.assign(partitions.stream().map(this::named).toList());
            consumer.seekToEnd(consumer.assignment());
            partitions.forEach(
                    partition -> positions.put(partition, consumer.position(named(partition))));
            following.countDown();
            while (!closing) {
                pollOnce();
            }
        } catch (WakeupException | InterruptedException | InterruptException e) {
            LOG.atDebug().log("reply follower closed");
        } catch (RuntimeException e) {
            failed = true;
            LOG.atError().setCause(e).log("reply follower failed");
        } finally {
            following.countDown();
            refuseWishes();
            // An interrupt that is still pending would break off the farewell to the broker.
            Thread.interrupted();
            consumer.close();
        }
    }

    private void pollOnce() throws InterruptedException {
        try {
            for (Wish wish = wishes.peek(); wish != null; wish = wishes.peek()) {
                grant(wish);
                wishes.remove();
            }
            handOver(consumer.poll(POLL));
        } catch (WakeupException _) {
            // Somebody wishes something, or it is to close. A wish that this came in between is
            // granted again.
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            // What Kafka refuses now (credentials that have expired, say) it may grant again.
            LOG.atError().setCause(e).log("replies cannot be read; trying again");
            Thread.sleep(POLL);
        }
    }

    private void grant(Wish wish) {
        TopicPartition partition = named(wish.partition());
        if (wish.from().isEmpty()) {
            routers.computeIfPresent(
                    wish.partition(),
                    (_, all) -> all.stream().filter(one -> one != wish.router()).toList());
            drop(partition);
            wish.position().complete(-1L);
            return;
        }
        if (!consumer.assignment().contains(partition)) {
            assign(Stream.concat(consumer.assignment().stream(), Stream.of(partition)));
            consumer.seek(partition, wish.from().getAsLong());
        }
        long position = consumer.position(partition);
        add(wish.partition(), wish.router());
        wish.position().complete(position);
    }

    private void add(int partition, ReplyRouter router) {
        routers.merge(
                partition,
                List.of(router),
                (before, more) ->
                        before.contains(router)
                                ? before
                                : Stream.concat(before.stream(), more.stream()).toList());
    }

    /// Follows a partition no more that is not this gateway's own and that nobody wants.
    private void drop(TopicPartition partition) {
        if (!partitions.contains(partition.partition())
                && routers.getOrDefault(partition.partition(), List.of()).isEmpty()) {
            routers.remove(partition.partition());
            positions.remove(partition.partition());
            assign(consumer.assignment().stream().filter(one -> !one.equals(partition)));
        }
    }

    private void assign(Stream<TopicPartition> wanted) {
        Set<TopicPartition> assigned = wanted.collect(Collectors.toSet());
        consumer.assign(assigned);
    }

    private void handOver(ConsumerRecords<String, byte[]> records) throws InterruptedException {
        for (TopicPartition partition : records.partitions()) {
            List<ConsumerRecord<String, byte[]>> batch = records.records(partition);
            // Before they arrive: who attaches meanwhile reads from the log up to here.
            positions.put(partition.partition(), batch.getLast().offset() + 1);
            for (ReplyRouter router : routers.getOrDefault(partition.partition(), List.of())) {
                batches.acquire();
                router.arrived(batch, batches::release);
            }
        }
    }

    private void refuseWishes() {
        for (Wish wish = wishes.poll(); wish != null; wish = wishes.poll()) {
            wish.position().completeExceptionally(new IllegalStateException("closed"));
        }
    }

    private TopicPartition named(int partition) {
        return new TopicPartition(topic, partition);
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
