package dev.sluice.standalone.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.StartException;
import dev.sluice.common.audit.AuditCodec;
import dev.sluice.common.audit.AuditEvent;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.audit.AuditRecord.Subject;
import dev.sluice.common.audit.Tokens;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.Usage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventTailTest {
    private static final Topics TOPICS = new Topics("sluice");
    private static final String TOPIC = TOPICS.audit();
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final Instant NOW = Instant.ofEpochSecond(10_000);
    private static final RunId RUN = new RunId("run_1");

    private final MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");

    @BeforeEach
    void aTopic() {
        consumer.updatePartitions(
                TOPIC,
                List.of(new PartitionInfo(TOPIC, 0, Node.noNode(), new Node[0], new Node[0])));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    }

    private static AuditRecord event(RunId run, String what, AuditEvent event) {
        return new AuditRecord(
                run + "/" + what, NOW, new Subject(run, null, "agent", null), 1, event);
    }

    private List<String> tail(
            @Nullable RunId run, @Nullable Kind kind, @Nullable Duration since, Object... values) {
        EventTail tail =
                new EventTail(consumer, TOPIC, Clock.fixed(NOW, ZoneOffset.UTC), run, kind);
        consumer.updateEndOffsets(
                Map.of(PARTITION, since == null && run == null ? 0L : values.length));
        tail.begin(since);
        for (int i = 0; i < values.length; i++) {
            byte[] value =
                    values[i] instanceof AuditRecord record
                            ? new AuditCodec(TOPICS).encode(record).value()
                            : values[i]
                                    .toString()
                                    .getBytes(java.nio.charset.StandardCharsets.UTF_8);
            String key = values[i] instanceof AuditRecord record ? record.kafkaKey() : null;
            consumer.addRecord(new ConsumerRecord<>(TOPIC, 0, i, key, value));
        }
        consumer.updateEndOffsets(Map.of(PARTITION, (long) values.length));
        List<String> seen = new ArrayList<>();
        tail.follow(
                true,
                event -> seen.add(event.record() == null ? event.raw() : event.record().id()));
        return seen;
    }

    @Test
    void whatWasWrittenTwiceIsShownOnce() {
        AuditRecord started = event(RUN, "started/1", new AuditEvent.RunStarted("w"));

        assertThat(tail(null, null, null, started, started, "no event"))
                .containsExactly("run_1/started/1");
    }

    @Test
    void oneRunOrOneKindIsPickedOut() {
        AuditRecord started = event(RUN, "started/1", new AuditEvent.RunStarted("w"));
        AuditRecord other = event(new RunId("run_2"), "started/1", new AuditEvent.RunStarted("w"));
        AuditRecord cut =
                event(RUN, "cut/1/1", new AuditEvent.TurnCut(1, Tokens.estimated(Usage.NONE)));

        assertThat(tail(RUN, null, null, other, started, cut))
                .containsExactly("run_1/started/1", "run_1/cut/1/1");
        assertThat(tail(null, new Kind.Reader().convert("turn"), null, other, started, cut))
                .containsExactly("run_1/cut/1/1");
    }

    @Test
    void aTopicThatIsNotThereIsSaidToBeMissing() {
        EventTail tail = new EventTail(consumer, "none", Clock.systemUTC(), null, null);

        assertThatThrownBy(() -> tail.begin(null))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("none");
    }

    @Test
    void whatALaterVersionTellsIsPassedOnAsItIs() {
        String later =
                """
                {"specversion":"1.0","id":"1","source":"/s","type":"dev.sluice.run.pondered",\
                "time":"2026-01-01T00:00:00Z","data":{}}\
                """;

        assertThat(tail(null, null, null, later, later)).containsExactly(later);
        assertThat(tail(null, new Kind.Reader().convert("run"), null, later)).isEmpty();
    }

    @Test
    void whoeverHasSeenEnoughEndsIt() {
        AuditRecord started = event(RUN, "started/1", new AuditEvent.RunStarted("w"));
        AuditRecord ended = event(RUN, "started/2", new AuditEvent.RunStarted("w"));
        EventTail tail =
                new EventTail(consumer, TOPIC, Clock.fixed(NOW, ZoneOffset.UTC), RUN, null);
        consumer.updateEndOffsets(Map.of(PARTITION, 2L));
        tail.begin(null);
        List.of(started, ended)
                .forEach(event ->
                        consumer.addRecord(
                                new ConsumerRecord<>(
                                        TOPIC,
                                        0,
                                        consumer.position(PARTITION)
                                                + (event.equals(ended) ? 1 : 0),
                                        event.kafkaKey(),
                                        new AuditCodec(TOPICS).encode(event).value())));
        List<String> seen = new ArrayList<>();

        tail.follow(false, event -> !seen.add(event.raw()));

        assertThat(seen).hasSize(1);
    }

    @Test
    void aRunIsReadFromItsOwnPartitionAlone() {
        consumer.updatePartitions(
                TOPIC,
                IntStream.range(0, 8)
                        .mapToObj(number ->
                                new PartitionInfo(
                                        TOPIC, number, Node.noNode(), new Node[0], new Node[0]))
                        .toList());
        int its =
                BuiltInPartitioner.partitionForKey(
                        RUN.value().getBytes(java.nio.charset.StandardCharsets.UTF_8), 8);

        new EventTail(consumer, TOPIC, Clock.fixed(NOW, ZoneOffset.UTC), RUN, null).begin(null);

        assertThat(consumer.assignment()).containsExactly(new TopicPartition(TOPIC, its));
    }
}
