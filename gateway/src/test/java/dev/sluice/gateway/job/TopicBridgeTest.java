package dev.sluice.gateway.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NullUnmarked
@Timeout(30)
class TopicBridgeTest {
    private static final String TOPIC = "t";
    private static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);
    private static final TopicPartition SECOND = new TopicPartition(TOPIC, 1);

    private final MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
    private final Map<TopicPartition, Map<Long, CompletableFuture<Void>>> taken =
            Map.of(FIRST, new ConcurrentHashMap<>(), SECOND, new ConcurrentHashMap<>());
    private TopicBridge bridge = bridge(_ -> true, this::settleAllButTheHead);

    private TopicBridge bridge(IntPredicate room, TopicBridge.Settling settling) {
        return new TopicBridge(consumer, TOPIC, "bridge", room, settling);
    }

    @AfterEach
    void close() {
        taken.values().forEach(those -> those.values().forEach(one -> one.complete(null)));
        bridge.close();
    }

    private CompletionStage<Void> take(ConsumerRecord<String, byte[]> record) {
        CompletableFuture<Void> settled = new CompletableFuture<>();
        taken.get(new TopicPartition(TOPIC, record.partition())).put(record.offset(), settled);
        return settled;
    }

    /// The first record of the first partition is never settled.
    private CompletionStage<Void> settleAllButTheHead(ConsumerRecord<String, byte[]> record) {
        CompletionStage<Void> settled = take(record);
        if (record.partition() != 0 || record.offset() != 0) {
            settled.toCompletableFuture().complete(null);
        }
        return settled;
    }

    private void start() {
        bridge.start();
        await().until(() -> consumer.subscription().contains(TOPIC));
        consumer.updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
        consumer.rebalance(List.of(FIRST, SECOND));
    }

    private void arrive(TopicPartition partition, int from, int count, int size) {
        consumer.schedulePollTask(() ->
                IntStream.range(from, from + count)
                        .forEach(offset ->
                                consumer.addRecord(
                                        new ConsumerRecord<>(
                                                TOPIC,
                                                partition.partition(),
                                                offset,
                                                "k",
                                                new byte[size]))));
    }

    private long committed(TopicPartition partition) {
        OffsetAndMetadata at = consumer.committed(Set.of(partition)).get(partition);
        return at == null ? 0 : at.offset();
    }

    private void awaitTaken(TopicPartition partition, int count) {
        await().untilAsserted(() -> assertThat(taken.get(partition)).hasSize(count));
    }

    @Test
    void whatIsSettledBehindAHeadThatIsNotHoldsUpNobody() {
        start();

        arrive(FIRST, 0, 5_001, 1);
        awaitTaken(FIRST, 5_001);
        arrive(SECOND, 0, 7, 1);
        arrive(FIRST, 5_001, 1, 1);

        await().until(() -> committed(SECOND) == 7);
        awaitTaken(FIRST, 5_002);
        assertThat(committed(FIRST)).isZero();
        assertThat(bridge.oldest()).isPositive();
        taken.get(FIRST).get(0L).complete(null);
        await().until(() -> committed(FIRST) == 5_002);
        await().until(() -> bridge.oldest().isZero());
    }

    @Test
    void aPartitionThatRanFarAheadIsPausedAlone() {
        start();
        arrive(FIRST, 0, Unsettled.LONGEST, 0);
        awaitTaken(FIRST, Unsettled.LONGEST);
        await().until(() -> consumer.paused().equals(Set.of(FIRST)));

        arrive(SECOND, 0, 7, 1);

        await().until(() -> committed(SECOND) == 7);
        taken.get(FIRST).get(0L).complete(null);
        await().until(() -> consumer.paused().isEmpty());
        assertThat(committed(FIRST)).isEqualTo(Unsettled.LONGEST);
    }

    @Test
    void noMoreThanSoManyRecordsAreUnderWay() {
        bridge = bridge(_ -> true, this::take);
        start();

        arrive(SECOND, 0, Unsettled.MOST, 1);

        await().until(() -> consumer.paused().size() == 2);
        taken.get(SECOND).get(5L).complete(null);
        await().until(() -> consumer.paused().isEmpty());
        assertThat(committed(SECOND)).isZero();
        IntStream.range(0, 5).forEach(i -> taken.get(SECOND).get((long) i).complete(null));
        await().until(() -> committed(SECOND) == 6);
    }

    @Test
    void noMoreThanSoManyBytesAreUnderWay() {
        bridge = bridge(_ -> true, this::take);
        start();

        arrive(SECOND, 0, 2, (int) (Unsettled.MOST_BYTES / 2));

        await().until(() -> consumer.paused().size() == 2);
        taken.get(SECOND).get(1L).complete(null);
        await().until(() -> consumer.paused().isEmpty());
    }

    @Test
    void nothingIsTakenWithoutRoom() {
        bridge = bridge(underWay -> underWay < 3, this::take);
        start();
        arrive(SECOND, 0, 3, 1);

        await().until(() -> consumer.paused().size() == 2);

        taken.get(SECOND).get(0L).complete(null);
        await().until(() -> consumer.paused().isEmpty());
        await().until(() -> committed(SECOND) == 1);
    }

    @Test
    void aPartitionThatIsAnothersNowIsNotCommitted() {
        start();
        arrive(FIRST, 0, 10, 1);
        awaitTaken(FIRST, 10);

        consumer.rebalance(List.of(SECOND));
        taken.get(FIRST).get(0L).complete(null);
        arrive(SECOND, 0, 7, 1);

        await().until(() -> committed(SECOND) == 7);
        assertThat(committed(FIRST)).isZero();
        assertThat(bridge.oldest()).isZero();
    }

    @Test
    void aRecordOfWhichDealingThrowsHoldsUpNobodyAndIsSeen() {
        bridge =
                bridge(
                        _ -> true,
                        record -> {
                            if (record.offset() == 0) {
                                throw new IllegalArgumentException("always");
                            }
                            return settleAllButTheHead(record);
                        });
        start();
        assertThat(bridge.isWorking()).isTrue();

        arrive(FIRST, 0, 10, 1);
        awaitTaken(FIRST, 9);

        assertThat(bridge.isWorking()).isFalse();
        assertThat(committed(FIRST)).isZero();
        arrive(SECOND, 1, 1, 1);
        awaitTaken(SECOND, 1);
    }
}
