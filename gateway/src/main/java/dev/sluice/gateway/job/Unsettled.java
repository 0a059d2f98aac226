package dev.sluice.gateway.job;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/// The records that were taken from a topic and handed on, up to the last one that may not be
/// committed yet. Confined to one thread, but for [#oldest()].
///
/// What is settled takes up next to nothing, though it cannot be committed while one before it is
/// not: it only counts towards how far a partition may run ahead of its first one.
final class Unsettled {
    /// How many records may be under way.
    static final int MOST = 1_000;

    /// How many bytes of values may be under way.
    static final long MOST_BYTES = 64L << 20;

    /// How many records of a partition may stand behind its first one that is not settled. So many
    /// are taken again where a process dies just then.
    static final int LONGEST = 50_000;

    private final Map<TopicPartition, Deque<Taken>> taken = new HashMap<>();
    private final AtomicInteger records = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private volatile long oldest;
    private volatile boolean idle = true;

    private static final class Taken {
        private final long offset;
        private final long since = System.nanoTime();
        private volatile boolean settled;

        Taken(long offset) {
            this.offset = offset;
        }
    }

    /// Notes a record that is dealt with. Where that fails, it is never settled.
    void take(ConsumerRecord<String, byte[]> record, CompletionStage<Void> settling) {
        Taken one = new Taken(record.offset());
        taken.computeIfAbsent(
                        new TopicPartition(record.topic(), record.partition()),
                        _ -> new ArrayDeque<>())
                .add(one);
        int size = record.value() == null ? 0 : record.value().length;
        records.incrementAndGet();
        bytes.addAndGet(size);
        settling.whenComplete((_, failure) -> {
            one.settled = failure == null;
            records.decrementAndGet();
            bytes.addAndGet(-size);
        });
    }

    /// How many records are under way.
    int underWay() {
        return records.get();
    }

    /// Whether no further record may be taken.
    boolean isFull() {
        return records.get() >= MOST || bytes.get() >= MOST_BYTES;
    }

    /// The partitions that may not run ahead any further.
    Set<TopicPartition> farAhead() {
        return taken.entrySet().stream()
                .filter(entry -> entry.getValue().size() >= LONGEST)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /// Forgets what is settled with all that stands before it. Returns up to where that is, of the
    /// partitions in which it got any further.
    Map<TopicPartition, OffsetAndMetadata> settled() {
        Map<TopicPartition, OffsetAndMetadata> settled = new HashMap<>();
        taken.forEach((partition, those) -> {
            while (!those.isEmpty() && those.getFirst().settled) {
                settled.put(partition, new OffsetAndMetadata(those.removeFirst().offset + 1));
            }
        });
        long now = System.nanoTime();
        oldest =
                now
                        - taken.values().stream()
                                .filter(those -> !those.isEmpty())
                                .mapToLong(those -> now - those.getFirst().since)
                                .max()
                                .orElse(0);
        idle = taken.values().stream().allMatch(Deque::isEmpty);
        return settled;
    }

    /// For how long the first record that is not settled has been under way. Safe for any thread.
    Duration oldest() {
        return idle ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - oldest);
    }

    /// Forgets partitions that are another's now.
    void forget(Collection<TopicPartition> partitions) {
        taken.keySet().removeAll(partitions);
    }
}
