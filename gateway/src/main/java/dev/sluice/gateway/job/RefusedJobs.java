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

/// Tells the submitters of what is not run why not, and lays aside what may not be. Safe for any
/// thread; nothing blocks.
final class RefusedJobs {
    private static final Logger LOG = LoggerFactory.getLogger(RefusedJobs.class);

    private final ResultSender sender;
    private final JobMeters meters;
    private final Clock clock;

    RefusedJobs(ResultSender sender, JobMeters meters, Clock clock) {
        this.sender = sender;
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
        return sender.lay(letter)
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

    /// Tells the submitter of a job that its deadline had passed before it was taken. Completes
    /// when it, or the dead-letter topic, has the result.
    CompletionStage<Void> expire(ConsumerRecord<String, byte[]> record, JobOrigin origin) {
        return sender.deliver(Result.expired(letterId(record), origin, clock.instant()))
                .thenRun(() -> meters.taken(Taken.EXPIRED));
    }

    /// Names a record of the jobs topic. Its time tells it from one that stood there before the
    /// topic was deleted and made again.
    static String letterId(ConsumerRecord<String, byte[]> record) {
        return "job-%d-%d-%s"
                .formatted(
                        record.partition(),
                        record.offset(),
                        Long.toString(record.timestamp(), Character.MAX_RADIX));
    }
}
