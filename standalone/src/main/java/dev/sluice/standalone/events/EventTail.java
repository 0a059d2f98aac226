package dev.sluice.standalone.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.common.StartException;
import dev.sluice.common.audit.AuditCodec;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.run.RunId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the audit stream for somebody who watches. Belongs to one thread, which it blocks.
public final class EventTail {
    private static final Logger LOG = LoggerFactory.getLogger(EventTail.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// What the clock of a gateway may be ahead of a broker's.
    private static final Duration SKEW = Duration.ofMinutes(5);

    /// An id that says that it is older says nothing of its age.
    private static final Duration LONGEST_AGO = Duration.ofDays(365);

    /// Of how many events it is remembered that they were shown.
    private static final int REMEMBERED = 100_000;

    private final Consumer<String, byte[]> consumer;
    private final String topic;
    private final Clock clock;
    private final @Nullable RunId run;
    private final @Nullable Kind kind;
    private final Map<String, Boolean> shown = new Shown();

    /// @param run the run whose events alone are wanted; null for all
    /// @param kind the kind of events that alone is wanted; null for all
    public EventTail(
            Consumer<String, byte[]> consumer,
            String topic,
            Clock clock,
            @Nullable RunId run,
            @Nullable Kind kind) {
        this.consumer = consumer;
        this.topic = topic;
        this.clock = clock;
        this.run = run;
        this.kind = kind;
    }

    /// An event, and the text of its record.
    ///
    /// @param at when it happened; when it was written where it is of a kind that is not known
    /// @param record null for a kind that is not known
    public record Event(Instant at, @Nullable AuditRecord record, String raw) {}

    private static final class Shown extends LinkedHashMap<String, Boolean> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    }

    /// Goes to where reading begins: so long ago; without that at the run's beginning where only
    /// one is wanted, and otherwise at the end.
    ///
    /// @throws StartException if Kafka does not answer, or has no such topic
    public void begin(@Nullable Duration since) {
        try {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic, PATIENCE).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            if (partitions.isEmpty()) {
                throw new StartException(
                        "there is no topic " + topic + ": has this Sluice run yet?");
            }
            begin(run == null ? partitions : List.of(partitionOf(run, partitions)), since);
        } catch (KafkaException e) {
            throw new StartException("Kafka does not answer for the topic " + topic, e);
        }
    }

    private void begin(List<TopicPartition> partitions, @Nullable Duration since) {
        consumer.assign(partitions);
        long made = run == null ? 0 : madeAt(run);
        if (since != null) {
            seek(partitions, clock.millis() - Math.min(since.toMillis(), clock.millis()));
        } else if (made > 0) {
            seek(partitions, made);
        } else if (run != null) {
            consumer.seekToBeginning(partitions);
        } else {
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position);
        }
    }

    /// Where a producer puts what has the run's key.
    private static TopicPartition partitionOf(RunId run, List<TopicPartition> partitions) {
        int hash = Utils.toPositive(Utils.murmur2(run.value().getBytes(UTF_8)));
        int number = hash % partitions.size();
        return partitions.stream()
                .filter(partition -> partition.partition() == number)
                .findFirst()
                .orElseThrow();
    }

    /// Shortly before the run was accepted, in milliseconds since 1970; 0 where its id, which is
    /// derived from a client's own, does not say.
    private long madeAt(RunId run) {
        try {
            long made = HexFormat.fromHexDigitsToLong(run.suffix(), 0, 12);
            Duration ago = Duration.ofMillis(clock.millis() - made);
            return ago.isNegative() || ago.compareTo(LONGEST_AGO) > 0 ? 0 : made - SKEW.toMillis();
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return 0;
        }
    }

    private void seek(List<TopicPartition> partitions, long from) {
        Map<TopicPartition, Long> wanted =
                partitions.stream().collect(Collectors.toMap(one -> one, _ -> from));
        Map<TopicPartition, @Nullable OffsetAndTimestamp> found =
                new HashMap<>(consumer.offsetsForTimes(wanted, PATIENCE));
        for (TopicPartition partition : partitions) {
            OffsetAndTimestamp at = found.get(partition);
            if (at == null) {
                consumer.seekToEnd(List.of(partition));
                consumer.position(partition);
            } else {
                consumer.seek(partition, at.offset());
            }
        }
    }

    /// Passes on what comes, until the thread is interrupted.
    ///
    /// @param once whether to end with what is there already
    /// @param watcher says whether to go on
    public void follow(boolean once, Predicate<Event> watcher) {
        Map<TopicPartition, Long> ends =
                once ? consumer.endOffsets(consumer.assignment(), PATIENCE) : Map.of();
        while (!Thread.currentThread().isInterrupted() && !(once && isThrough(ends))) {
            List<Event> events = new ArrayList<>();
            consumer.poll(POLL).forEach(record -> take(record, events));
            // What several partitions bring together came in no order.
            events.sort(Comparator.comparing(Event::at));
            if (!events.stream().allMatch(watcher)) {
                return;
            }
        }
    }

    /// What a later version tells, as it is.
    private void takeUnknown(ConsumerRecord<String, byte[]> record, List<Event> events) {
        String raw = new String(record.value(), UTF_8);
        if (kind == null && shown.put(raw, true) == null) {
            events.add(new Event(Instant.ofEpochMilli(record.timestamp()), null, raw));
        }
    }

    private boolean isThrough(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private void take(ConsumerRecord<String, byte[]> record, List<Event> events) {
        if (run != null && !run.value().equals(record.key())) {
            return;
        }
        try {
            AuditRecord event = AuditCodec.decode(record.value()).orElse(null);
            if (event == null) {
                takeUnknown(record, events);
            } else if ((kind == null || kind.includes(event.event().type()))
                    && shown.put(event.id(), true) == null) {
                events.add(new Event(event.at(), event, new String(record.value(), UTF_8)));
            }
        } catch (AuditCodec.MalformedException e) {
            LOG.atWarn()
                    .addKeyValue("partition", record.partition())
                    .addKeyValue("offset", record.offset())
                    .log("a record on the audit topic is no event");
        }
    }
}
