package dev.sluice.gateway.job;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes a topic's records in a group, on one thread, and hands them on side by side: one that
/// takes long holds up no other. What is committed is settled, with all that stands before it. So a
/// record is settled at least once, whatever dies.
final class TopicBridge implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicBridge.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// How many records may be unsettled before no further ones are taken.
    private static final int MOST = 1000;

    private final Consumer<String, byte[]> consumer;
    private final String topic;
    private final Settling settling;
    private final Map<TopicPartition, Deque<Taken>> unsettled = new HashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();
    private final Thread thread;
    private volatile boolean closing;

    /// Deals with a record.
    @FunctionalInterface
    interface Settling {
        /// Completes when the record need not be taken again; fails only where it must be.
        CompletionStage<Void> settle(ConsumerRecord<String, byte[]> record);
    }

    /// A record that was handed on.
    private record Taken(long offset, CompletableFuture<Void> settled) {
        boolean isSettled() {
            return settled.isDone() && !settled.isCompletedExceptionally();
        }
    }

    /// A bridge that takes nothing before it is started.
    TopicBridge(Consumer<String, byte[]> consumer, String topic, String name, Settling settling) {
        this.consumer = consumer;
        this.topic = topic;
        this.settling = settling;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            consumer.subscribe(List.of(topic), new Leaving());
            while (!closing) {
                takeOnce();
            }
            settleWhatIsLeft();
        } catch (InterruptedException | InterruptException e) {
            LOG.atDebug().addKeyValue("topic", topic).log("bridge closed");
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("topic", topic).setCause(e).log("bridge failed");
        } finally {
            // An interrupt that is still pending would break off the farewell to the broker.
            Thread.interrupted();
            consumer.close();
        }
    }

    private void takeOnce() throws InterruptedException {
        try {
            int waiting = waiting();
            if (waiting >= MOST) {
                consumer.pause(consumer.assignment());
            } else {
                consumer.resume(consumer.paused());
            }
            consumer.poll(waiting == 0 ? POLL : SOON).forEach(this::take);
            commit();
        } catch (WakeupException _) {
            // It is to close.
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            // What Kafka refuses now (credentials that have expired, say) it may grant again.
            LOG.atWarn()
                    .addKeyValue("topic", topic)
                    .setCause(e)
                    .log("the topic cannot be read; trying again");
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
    }

    private int waiting() {
        return unsettled.values().stream().mapToInt(Deque::size).sum();
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        unsettled
                .computeIfAbsent(
                        new TopicPartition(record.topic(), record.partition()),
                        _ -> new ArrayDeque<>())
                .add(new Taken(record.offset(), settling.settle(record).toCompletableFuture()));
    }

    private void commit() {
        unsettled.forEach((partition, taken) -> {
            while (!taken.isEmpty() && taken.getFirst().isSettled()) {
                uncommitted.put(partition, new OffsetAndMetadata(taken.removeFirst().offset() + 1));
            }
        });
        if (!uncommitted.isEmpty()) {
            consumer.commitSync(uncommitted);
            uncommitted.clear();
        }
    }

    private void settleWhatIsLeft() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (isUnderWay() && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        commitAtLast();
    }

    private boolean isUnderWay() {
        return unsettled.values().stream()
                .flatMap(Deque::stream)
                .anyMatch(taken -> !taken.settled().isDone());
    }

    private void commitAtLast() {
        try {
            commit();
        } catch (WakeupException _) {
            commit();
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.atDebug()
                    .addKeyValue("topic", topic)
                    .setCause(e)
                    .log("records that are settled will be taken again");
        }
    }

    /// Another member takes again whatever of its new partitions is not settled.
    private final class Leaving implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            LOG.atDebug()
                    .addKeyValue("topic", topic)
                    .addKeyValue("partitions", partitions.size())
                    .log("partitions assigned");
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            commitAtLast();
            onPartitionsLost(partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            unsettled.keySet().removeAll(partitions);
            uncommitted.keySet().removeAll(partitions);
        }
    }

    /// Takes nothing more, and waits for a while for what is under way. Blocks.
    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        try {
            thread.join(PATIENCE.multipliedBy(3));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
