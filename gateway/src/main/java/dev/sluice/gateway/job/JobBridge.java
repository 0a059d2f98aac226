package dev.sluice.gateway.job;

import dev.sluice.common.ClosingStack;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.journal.JournalReader;
import dev.sluice.common.journal.LogReader;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.FleetStates;
import dev.sluice.common.redis.JobOrigins;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.redis.RunStates;
import dev.sluice.gateway.http.access.Denials;
import dev.sluice.gateway.run.ReplyFollower;
import dev.sluice.gateway.run.RunPublisher;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntPredicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Between the jobs topic, runs, and the results topic: one thread takes jobs, one the ends of
/// their runs, each in a group with those of all other gateways.
public final class JobBridge implements AutoCloseable {
    private static final String JOBS = "jobs";
    private static final String RESULTS = "results";

    /// The names of its parts, by what they take.
    public static final List<String> PARTS = List.of(JOBS, RESULTS);

    private static final Logger LOG = LoggerFactory.getLogger(JobBridge.class);
    private static final Duration MOMENT = Duration.ofSeconds(1);
    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final int MOST_JOBS = 200;
    private static final int MOST_EVENTS = 500;

    private final ClosingStack parts = new ClosingStack();
    private final Map<String, TopicBridge> bridges = new LinkedHashMap<>();

    private JobBridge() {}

    /// What the bridge needs of its gateway.
    ///
    /// @param context where publishing completes
    public record Gateway(
            SluiceConfig config,
            KafkaSettings settings,
            Topics topics,
            Redis redis,
            RunStates states,
            FleetStates fleet,
            RunPublisher publisher,
            ReplyFollower follower,
            Denials denials,
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
        // Results go wherever others say: they must not take the room of runs that people wait for.
        Producer<String, byte[]> producer =
                parts.opened(new KafkaProducer<>(settings.deliverer()), it -> it.close(FAREWELL));
        JobMeters meters = new JobMeters(gateway.registry());
        Patience patience = new Patience();
        ResultSender sender =
                new ResultSender(producer, topics, config.jobs().resultRetry(), patience, meters);
        Results results = new Results(new JournalReader(log), sender);
        JobOrigins origins = new JobOrigins(gateway.redis(), gateway.states());
        JobIntake intake =
                new JobIntake(
                        new JobReader(
                                config.jobs(),
                                topics,
                                new JobRights(config, gateway.clock(), gateway.denials())),
                        new JobIntake.Parts(
                                gateway.states(),
                                origins,
                                gateway.redis(),
                                gateway.publisher(),
                                gateway.follower(),
                                config.gateway().runTimeout(),
                                gateway.clock(),
                                gateway.context(),
                                executor),
                        results,
                        new RefusedJobs(sender, meters, gateway.clock()),
                        patience,
                        meters);
        EndedJobs ended =
                new EndedJobs(gateway.states(), origins, results, sender, topics, patience);
        Consumer<String, byte[]> jobs =
                new KafkaConsumer<>(
                        settings.member(
                                topics.jobIntake(),
                                Math.min(MOST_JOBS, config.jobs().maxWaiting())));
        IntPredicate room =
                underWay -> hasRoom(gateway.fleet(), config.jobs().maxWaiting() - underWay);
        bridge(
                JOBS,
                new TopicBridge(jobs, topics.jobs(), "sluice-jobs", room, intake::settle),
                meters);
        Consumer<String, byte[]> ends =
                new KafkaConsumer<>(settings.member(topics.jobResults(), MOST_EVENTS));
        bridge(
                RESULTS,
                new TopicBridge(ends, topics.audit(), "sluice-results", _ -> true, ended::settle),
                meters);
        // First of all, so that nothing is tried again while the bridges close.
        parts.opened(patience);
    }

    private void bridge(String name, TopicBridge bridge, JobMeters meters) {
        parts.opened(bridge).start();
        meters.watch(name, bridge);
        bridges.put(name, bridge);
    }

    /// Whether fewer runs wait for a worker than that: what is not run soon had better wait on its
    /// topic, where its time does not run out. Blocks for a moment.
    private static boolean hasRoom(FleetStates fleet, int most) {
        try {
            return fleet.waiting()
                            .toCompletableFuture()
                            .get(MOMENT.toMillis(), TimeUnit.MILLISECONDS)
                    < most;
        } catch (ExecutionException | TimeoutException e) {
            LOG.atDebug().setCause(e).log("how many runs wait cannot be told");
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Whether a part of it does what it should. Safe for any thread.
    ///
    /// @param part one of [#PARTS]
    public boolean isWorking(String part) {
        TopicBridge bridge = bridges.get(part);
        return bridge != null && bridge.isWorking();
    }

    /// Takes nothing more, and waits for a while for what is under way. Blocks.
    @Override
    public void close() {
        parts.close();
    }
}
