package dev.sluice.worker.intake;

import dev.sluice.common.audit.AuditLog;
import dev.sluice.common.journal.History;
import dev.sluice.common.journal.JournalReader;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.run.RunRequest;
import dev.sluice.worker.audit.RunTrail;
import dev.sluice.worker.audit.Witness;
import dev.sluice.worker.journal.KafkaJournal;
import dev.sluice.worker.lease.Heart;
import dev.sluice.worker.lease.Leases;
import dev.sluice.worker.lease.Offers;
import dev.sluice.worker.run.RunEngine;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.clients.producer.Producer;

/// What all runs of a worker share.
///
/// @param id names the worker in journals and logs
/// @param largest the most bytes that a record's value may have
/// @param teller tells the audit stream, one thing after the other
/// @param alarms rings when a run's deadline passes
/// @param maxCrashes how many workers may die of a run, one after the other
record WorkerContext(
        String id,
        Topics topics,
        Producer<String, byte[]> producer,
        int largest,
        RunStates states,
        Leases leases,
        Heart heart,
        Offers offers,
        JournalReader journals,
        AuditLog audit,
        Executor teller,
        RunEngine engine,
        Slots slots,
        IntakeMeters meters,
        ScheduledExecutorService alarms,
        int maxCrashes,
        Clock clock) {

    /// A run's journal up to `to`, from what Redis knows of its steps, as far as it knows.
    CompletionStage<History> history(RunRequest request, long to) {
        return states.find(request.run())
                .exceptionally(_ -> Optional.empty())
                .thenCompose(entry ->
                        journals.read(
                                request.run(),
                                request.replyPartition(),
                                request.journalFrom(),
                                entry.map(RunEntry::steps).orElse(List.of()),
                                to));
    }

    /// What is told the audit stream of a run.
    RunTrail trail(RunRequest request) {
        return new RunTrail(audit, teller, request);
    }

    /// Who tells of an attempt at a run.
    Witness witness(RunRequest request, String claim, String lease, Runnable onCancelled) {
        return new Witness(
                states,
                request.run(),
                claim,
                trail(request),
                () -> heart.fresh() && heart.lease().equals(lease),
                onCancelled);
    }

    KafkaJournal journal(
            RunRequest request, int attempt, String claim, Witness witness, Runnable onLost) {
        return new KafkaJournal(
                producer,
                new KafkaJournal.Place(topics.replies(), request.replyPartition(), largest),
                request.run(),
                attempt,
                claim,
                clock,
                onLost,
                witness);
    }
}
