package dev.sluice.worker.intake;

import dev.sluice.common.StartException;
import dev.sluice.common.run.Control;
import dev.sluice.common.run.RunCodec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the control topic from its end and stops the runs it names that are on this worker.
final class ControlListener implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlListener.class);
    private static final Duration POLL = Duration.ofSeconds(1);

    private final Consumer<String, byte[]> consumer;
    private final String topic;
    private final ActiveRuns active;
    private final CountDownLatch following = new CountDownLatch(1);
    private volatile boolean failed;
    private volatile boolean closing;

    ControlListener(Consumer<String, byte[]> consumer, String topic, ActiveRuns active) {
        this.consumer = consumer;
        this.topic = topic;
        this.active = active;
    }

    /// Waits until what is sent from now on is heard.
    ///
    /// @throws StartException if it cannot be
    void awaitFollowing() throws InterruptedException {
        following.await();
        if (failed) {
            throw new StartException(
                    "topic %s cannot be followed; the log says why".formatted(topic));
        }
    }

    /// Polls until [#close()], on the thread to which the consumer belongs.
    @Override
    public void run() {
        try (consumer) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position);
            following.countDown();
            while (!closing) {
                poll().forEach(this::hear);
            }
        } catch (WakeupException | InterruptedException e) {
            LOG.atDebug().log("control listener woken up");
        } catch (RuntimeException e) {
            if (!closing) {
                failed = true;
                LOG.atError().setCause(e).log("control listener failed");
            }
        } finally {
            following.countDown();
        }
    }

    /// What Kafka refuses now (credentials that have expired, say) it may grant again.
    private ConsumerRecords<String, byte[]> poll() throws InterruptedException {
        try {
            return consumer.poll(POLL);
        } catch (WakeupException | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.atError().setCause(e).log("control messages cannot be read; trying again");
            Thread.sleep(POLL);
            return ConsumerRecords.empty();
        }
    }

    private void hear(ConsumerRecord<String, byte[]> message) {
        try {
            switch (RunCodec.decodeControl(message.value())) {
                case Control.Cancel(var run) -> active.stop(run, Interruption.Reason.CANCELLED);
                case Control.Superseded(var run, int attempt) ->
                        active.stopAll(
                                task ->
                                        task.run().equals(run)
                                                && task.attempt() > 0
                                                && task.attempt() < attempt,
                                Interruption.Reason.SUPERSEDED);
            }
        } catch (RunCodec.UndecodableException e) {
            LOG.atWarn()
                    .addKeyValue("offset", message.offset())
                    .addKeyValue("problem", e.getMessage())
                    .log("a control message that this worker does not know");
        }
    }

    /// Stops listening. From any thread.
    void close() {
        closing = true;
        consumer.wakeup();
    }
}
