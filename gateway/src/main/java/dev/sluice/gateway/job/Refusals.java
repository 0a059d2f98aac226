package dev.sluice.gateway.job;

import dev.sluice.common.kafka.DeadLetter;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.gateway.dialect.chat.ChatJson;
import dev.sluice.gateway.job.JobMeters.Taken;
import java.time.Clock;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the submitters of what may not be run why not, and lays it aside. Safe for any thread;
/// nothing blocks.
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private final ResultSender sender;
    private final Patience patience;
    private final JobMeters meters;
    private final Clock clock;

    Refusals(ResultSender sender, Patience patience, JobMeters meters, Clock clock) {
        this.sender = sender;
        this.patience = patience;
        this.meters = meters;
        this.clock = clock;
    }

    /// Refuses a record of the jobs topic. Completes when the dead-letter topic has it, and its
    /// submitter, or the dead-letter topic, the result.
    CompletionStage<Void> refuse(
            ConsumerRecord<String, byte[]> record, JobOrigin origin, Failure failure) {
        String id = letterId(record);
        String reason = ChatJson.error(failure).path("message").asString();
        DeadLetter letter = DeadLetter.of(id, DeadLetter.Kind.JOB, reason, record);
        return patience.untilDone("laying aside a job", () -> sender.lay(letter))
                .thenCompose(
                        _ -> sender.deliver(Result.refused(id, origin, failure, clock.instant())))
                .thenRun(() -> {
                    meters.taken(Taken.REFUSED);
                    LOG.atInfo()
                            .addKeyValue("jobId", origin.id())
                            .addKeyValue("letter", id)
                            .addKeyValue("status", failure.getClass().getSimpleName())
                            .log("job refused");
                });
    }

    /// Names a record of the jobs topic.
    static String letterId(ConsumerRecord<String, byte[]> record) {
        return "job-%d-%d".formatted(record.partition(), record.offset());
    }
}
