package dev.sluice.gateway.job;

import dev.sluice.common.ClosingStack;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.journal.JournalReader;
import dev.sluice.common.journal.LogReader;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.redis.RunStates;
import dev.sluice.gateway.run.ReplyFollower;
import dev.sluice.gateway.run.RunPublisher;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;

/// Between the jobs topic, runs, and the results topic: one thread takes jobs, one the ends of
/// their runs, each in a group with those of all other gateways.
public final class JobBridge implements AutoCloseable {
    private static final int MOST_JOBS = 200;
    private static final int MOST_EVENTS = 500;

    private final ClosingStack parts = new ClosingStack();

    private JobBridge() {}

    /// What the bridge needs of its gateway.
    ///
    /// @param context where publishing completes
    public record Gateway(
            SluiceConfig config,
            KafkaSettings settings,
            Topics topics,
            Producer<String, byte[]> producer,
            Redis redis,
            RunStates states,
            RunPublisher publisher,
            ReplyFollower follower,
            MeterRegistry registry,
            Clock clock,
            Context context) {}

    /// Begins to take jobs and to deliver results.
    public static JobBridge start(Gateway gateway) {
        JobBridge bridge = new JobBridge();
        try {
            bridge.open(gateway);
            return bridge;
        } catch (RuntimeException e) {
            bridge.close();
            throw e;
        }
    }

    private void open(Gateway gateway) {
        SluiceConfig config = gateway.config();
        KafkaSettings settings = gateway.settings();
        Topics topics = gateway.topics();
        ExecutorService executor =
                parts.opened(
                        Executors.newVirtualThreadPerTaskExecutor(), ExecutorService::shutdownNow);
        // One of its own: results must not hold up what clients look up.
        LogReader log =
                parts.opened(
                        new LogReader(new KafkaConsumer<>(settings.rereader()), topics.replies()));
        JobMeters meters = new JobMeters(gateway.registry());
        Patience patience = new Patience();
        ResultSender sender =
                new ResultSender(
                        gateway.producer(), topics, config.jobs().resultRetry(), patience, meters);
        Results results = new Results(new JournalReader(log), sender);
        JobIntake intake =
                new JobIntake(
                        new JobReader(
                                config.jobs(), topics, new JobRights(config, gateway.clock())),
                        new JobIntake.Parts(
                                gateway.states(),
                                gateway.redis(),
                                gateway.publisher(),
                                gateway.follower(),
                                config.gateway().runTimeout(),
                                gateway.clock(),
                                gateway.context(),
                                executor),
                        results,
                        new Refusals(sender, patience, meters, gateway.clock()),
                        patience,
                        meters);
        EndedJobs ended = new EndedJobs(gateway.states(), results, sender, topics, patience);
        bridge(
                settings,
                topics.jobIntake(),
                MOST_JOBS,
                topics.jobs(),
                "sluice-jobs",
                intake::settle);
        bridge(
                settings,
                topics.jobResults(),
                MOST_EVENTS,
                topics.audit(),
                "sluice-results",
                ended::settle);
        // First of all, so that nothing is tried again while the bridges close.
        parts.opened(patience);
    }

    private void bridge(
            KafkaSettings settings,
            String group,
            int most,
            String topic,
            String name,
            TopicBridge.Settling settling) {
        parts.opened(
                        new TopicBridge(
                                new KafkaConsumer<>(settings.member(group, most)),
                                topic,
                                name,
                                settling))
                .start();
    }

    /// Takes nothing more, and waits for a while for what is under way. Blocks.
    @Override
    public void close() {
        parts.close();
    }
}
