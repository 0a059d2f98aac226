package dev.sluice.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ControlListenerTest {
    private static final TopicPartition PARTITION = new TopicPartition("control", 0);

    private final MockConsumer<String, byte[]> consumer = new MockConsumer<>("latest");

    @Test
    void whatKafkaRefusesForAWhileDoesNotEndTheListening() throws Exception {
        consumer.updatePartitions(
                PARTITION.topic(),
                List.of(new PartitionInfo(PARTITION.topic(), 0, null, null, null)));
        consumer.updateEndOffsets(Map.of(PARTITION, 0L));
        var listener = new ControlListener(consumer, PARTITION.topic(), new ActiveRuns());
        Thread thread = Thread.ofPlatform().start(listener);
        listener.awaitFollowing();

        consumer.setPollException(new TopicAuthorizationException(PARTITION.topic()));
        var refused = new CountDownLatch(1);
        consumer.schedulePollTask(refused::countDown);
        refused.await();
        var polledAgain = new CountDownLatch(2);
        consumer.schedulePollTask(polledAgain::countDown);
        consumer.schedulePollTask(polledAgain::countDown);

        assertThat(polledAgain.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(thread.isAlive()).isTrue();
        listener.close();
        thread.join();
    }
}
