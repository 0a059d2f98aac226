package dev.sluice.worker.intake;

import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.run.RunId;
import dev.sluice.worker.journal.KafkaJournal;
import dev.sluice.worker.run.RunEngine;
import java.time.Clock;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.clients.producer.Producer;

/// What all runs of a worker share.
///
/// @param id names the worker in journals and logs
/// @param alarms rings when a run's deadline passes
record WorkerContext(
        String id,
        Topics topics,
        Producer<String, byte[]> producer,
        RunStates states,
        RunEngine engine,
        Slots slots,
        IntakeMeters meters,
        ScheduledExecutorService alarms,
        Clock clock) {

    KafkaJournal journal(RunId run, int partition, int attempt, String claim, Runnable onLost) {
        return new KafkaJournal(
                producer, topics.replies(), partition, run, attempt, claim, clock, onLost);
    }
}
