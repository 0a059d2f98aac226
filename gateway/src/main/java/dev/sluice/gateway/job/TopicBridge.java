package dev.sluice.gateway.job;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
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

    private final Consumer<String, byte[]> consumer;
    private final String topic;
    private final Settling settling;
    private final IntPredicate room;
    private final Unsettled unsettled = new Unsettled();
    private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean failing;
    private volatile boolean stuck;

    /// Deals with a record.
    @FunctionalInterface
    interface Settling {
        /// Completes when the record need not be taken again; fails only where it must be.
        CompletionStage<Void> settle(ConsumerRecord<String, byte[]> record);
    }

    /// A bridge that takes nothing before it is started.
    ///
    /// @param room whether more may be taken while so many records are under way; asked on the
    ///   bridge's own thread, which it may keep for a moment
    TopicBridge(
            Consumer<String, byte[]> consumer,
            String topic,
            String name,
            IntPredicate room,
            Settling settling) {
        this.consumer = consumer;
        this.topic = topic;
        this.room = room;
        this.settling = settling;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Whether it takes records and can deal with them. Safe for any thread.
    boolean isWorking() {
        return thread.isAlive() && !failing && !stuck;
    }

    /// For how long the first record that is not settled has been under way. Safe for any thread.
    Duration oldest() {
        return unsettled.oldest();
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
            boolean open = pause();
            boolean idle = open && unsettled.underWay() == 0;
            consumer.poll(idle ? POLL : SOON).forEach(this::take);
            commit();
            failing = false;
        } catch (WakeupException _) {
            // It is to close.
        } catch (InterruptException e) {
            throw e;
        } catch (RuntimeException e) {
            // What Kafka refuses now (credentials that have expired, say) it may grant again.
            failing = true;
            LOG.atWarn()
                    .addKeyValue("topic", topic)
                    .setCause(e)
                    .log("the topic cannot be read; trying again");
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
    }

    /// Takes nothing from partitions that ran too far ahead, or from any while too much is under
    /// way. Returns whether anything may be taken.
    private boolean pause() {
        boolean open = !unsettled.isFull() && room.test(unsettled.underWay());
        Set<TopicPartition> all = consumer.assignment();
        Set<TopicPartition> paused = new HashSet<>(open ? unsettled.farAhead() : all);
        paused.retainAll(all);
        Set<TopicPartition> resumed = new HashSet<>(all);
        resumed.removeAll(paused);
        consumer.pause(paused);
        consumer.resume(resumed);
        return open;
    }

    /// A fault of ours leaves the record to be taken again, and holds up no other.
    private void take(ConsumerRecord<String, byte[]> record) {
        CompletionStage<Void> settled;
        try {
            settled = settling.settle(record);
        } catch (RuntimeException e) {
            settled = CompletableFuture.failedStage(e);
        }
        unsettled.take(
                record,
                settled.whenComplete((_, failure) -> {
                    if (failure != null && !closing) {
                        stuck = true;
                        LOG.atError()
                                .addKeyValue("topic", topic)
                                .addKeyValue("partition", record.partition())
                                .addKeyValue("offset", record.offset())
                                .setCause(failure)
                                .log("a record could not be dealt with");
                    }
                }));
    }

    private void commit() {
        uncommitted.putAll(unsettled.settled());
        if (!uncommitted.isEmpty()) {
            consumer.commitSync(uncommitted);
            uncommitted.clear();
        }
    }

    private void settleWhatIsLeft() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (unsettled.underWay() > 0 && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        commitAtLast();
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
            unsettled.forget(partitions);
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
