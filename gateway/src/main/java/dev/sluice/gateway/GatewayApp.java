package dev.sluice.gateway;

import dev.sluice.common.ClosingStack;
import dev.sluice.common.StartException;
import dev.sluice.common.audit.AuditLog;
import dev.sluice.common.config.GatewayConfig;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.journal.LogReader;
import dev.sluice.common.kafka.ClusterProbe;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Producers;
import dev.sluice.common.kafka.TopicSetup;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.monitor.Metrics;
import dev.sluice.common.monitor.Readiness;
import dev.sluice.common.redis.FleetStates;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.redis.RunLists;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.redis.RunWatchers;
import dev.sluice.common.run.Lane;
import dev.sluice.gateway.admin.FleetWatch;
import dev.sluice.gateway.http.GatewayContext;
import dev.sluice.gateway.http.GatewayMeters;
import dev.sluice.gateway.http.GatewayVerticle;
import dev.sluice.gateway.http.access.Admission;
import dev.sluice.gateway.http.access.Backlog;
import dev.sluice.gateway.http.access.Denials;
import dev.sluice.gateway.job.JobBridge;
import dev.sluice.gateway.run.ReplyFollower;
import dev.sluice.gateway.run.RunDirectory;
import dev.sluice.gateway.run.RunLog;
import dev.sluice.gateway.run.RunPublisher;
import dev.sluice.gateway.run.Watchers;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.BindException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.jspecify.annotations.Nullable;

/// The gateway, put together from a configuration. Closing it drains it.
public final class GatewayApp implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration SETTLING = Duration.ofSeconds(2);
    private static final Duration CLOCK_CHECK = Duration.ofSeconds(30);
    private static final Duration FLEET_CHECK = Duration.ofSeconds(1);
    private static final int MOST_LOOPS = 4;

    private final ClosingStack parts = new ClosingStack();
    private final List<GatewayVerticle> verticles = new CopyOnWriteArrayList<>();
    private final SluiceConfig config;
    private final Admission admission;
    private volatile @Nullable JobBridge jobs;

    private GatewayApp(SluiceConfig config) {
        this.config = config;
        this.admission = new Admission(config.gateway().maxWaiting());
    }

    /// Starts a gateway and returns when it serves. Blocks.
    ///
    /// @throws StartException if it cannot, for a reason that its operator can mend
    public static GatewayApp start(SluiceConfig config) {
        GatewayApp app = new GatewayApp(config);
        try {
            app.start();
            return app;
        } catch (InterruptedException e) {
            app.close();
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting the gateway", e);
        } catch (ExecutionException e) {
            app.close();
            throw e.getCause() instanceof BindException
                    ? new StartException(
                            "port %d is taken: choose another one (gateway.port; for up also --port)"
                                    .formatted(config.gateway().port()),
                            e)
                    : new StartException("the gateway cannot start: " + e.getCause(), e);
        } catch (RuntimeException e) {
            app.close();
            throw e;
        }
    }

    private void start() throws InterruptedException, ExecutionException {
        GatewayConfig gateway = config.gateway();
        Clock clock = Clock.systemUTC();
        String instance = UUID.randomUUID().toString();
        Topics topics = new Topics(config.kafka().topicPrefix());
        KafkaSettings settings = KafkaSettings.of(config);
        Vertx vertx = parts.opened(Vertx.vertx(), it -> ClosingStack.await(it.close(), PATIENCE));
        Metrics metrics = parts.opened(new Metrics());
        Redis redis = parts.opened(Redis.connect(config.redis(), clock));
        int partitions = TopicSetup.ensure(settings, topics);
        ClusterProbe probe = parts.opened(new ClusterProbe(settings));
        KafkaProducer<String, byte[]> producer =
                parts.opened(
                        Producers.open(
                                settings,
                                List.of(
                                        topics.runs(Lane.INTERACTIVE),
                                        topics.runs(Lane.BATCH),
                                        topics.control(),
                                        topics.replies(),
                                        topics.audit())),
                        it -> it.close(Duration.ofSeconds(2)));
        // One for streams, whose pace is their clients', and one for what is read at once.
        LogReader log = logReader(settings, topics);
        LogReader lookups = logReader(settings, topics);
        ReplyFollower follower =
                parts.opened(
                        new ReplyFollower(
                                new KafkaConsumer<>(settings.visitor()),
                                topics.replies(),
                                partitions,
                                gateway.replyPartitions(),
                                instance));
        RunStates states = new RunStates(redis, gateway.runTimeout(), config.run().retention());
        RunPublisher publisher =
                new RunPublisher(producer, topics, states, clock, gateway.maxBody().bytes());
        RunDirectory directory =
                new RunDirectory(states, new RunLists(redis, states), config.run().retention());
        // Closed before what it needs is, and after the verticles that tell it who left.
        Watchers watchers =
                parts.opened(
                        new Watchers(
                                new RunWatchers(redis, states),
                                publisher,
                                config.run().disconnectGrace()),
                        it -> it.settle(SETTLING));
        Backlog backlog = new Backlog(gateway.maxWait(), System::nanoTime);
        // Never what was said: gateways tell of what they turn away, and nothing else.
        Denials denials =
                new Denials(
                        new AuditLog(producer, topics, settings.largestValue(), false),
                        instance,
                        clock);
        FleetStates waiting = new FleetStates(redis, states, gateway.runTimeout());
        FleetWatch fleet = new FleetWatch(waiting::look, metrics.registry(), System::nanoTime);
        GatewayContext context =
                new GatewayContext(
                        config,
                        publisher,
                        states,
                        directory,
                        new RunLog(lookups, directory),
                        watchers,
                        redis,
                        metrics,
                        new GatewayMeters(metrics.registry(), admission, backlog),
                        readiness(redis, probe, follower),
                        admission,
                        backlog,
                        denials,
                        fleet,
                        clock,
                        clock.instant());
        // Deadlines are judged by Redis' clock, which is asked from time to time.
        vertx.setPeriodic(CLOCK_CHECK.toMillis(), _ -> redis.reliable());
        vertx.setPeriodic(0, FLEET_CHECK.toMillis(), _ -> fleet.refresh());
        follower.start();
        int loops = Math.min(loops(gateway), follower.partitions());
        AtomicInteger index = new AtomicInteger();
        String deployment =
                ClosingStack.await(
                        vertx.deployVerticle(
                                () -> {
                                    GatewayVerticle verticle =
                                            new GatewayVerticle(
                                                    context,
                                                    loop ->
                                                            follower.router(
                                                                    loop,
                                                                    index.getAndIncrement(),
                                                                    loops,
                                                                    log));
                                    verticles.add(verticle);
                                    return verticle;
                                },
                                new DeploymentOptions().setInstances(loops)),
                        PATIENCE);
        parts.opened(deployment, id -> ClosingStack.await(vertx.undeploy(id), PATIENCE));
        if (config.jobs().enabled()) {
            jobs =
                    parts.opened(
                            JobBridge.start(
                                    new JobBridge.Gateway(
                                            config,
                                            settings,
                                            topics,
                                            redis,
                                            states,
                                            waiting,
                                            publisher,
                                            follower,
                                            denials,
                                            metrics.registry(),
                                            clock,
                                            vertx.getOrCreateContext())));
        }
    }

    private LogReader logReader(KafkaSettings settings, Topics topics) {
        return parts.opened(
                new LogReader(new KafkaConsumer<>(settings.rereader()), topics.replies()));
    }

    private static int loops(GatewayConfig gateway) {
        return gateway.eventLoops() > 0
                ? gateway.eventLoops()
                : Math.min(MOST_LOOPS, Runtime.getRuntime().availableProcessors());
    }

    private Readiness readiness(Redis redis, ClusterProbe probe, ReplyFollower follower) {
        Map<String, Supplier<Future<Boolean>>> checks = new HashMap<>();
        checks.put("kafka", () -> Future.fromCompletionStage(probe.answers()));
        checks.put("redis", () -> Future.fromCompletionStage(redis.reliable()));
        checks.put("replies", () -> Future.succeededFuture(follower.following()));
        checks.put("admission", () -> Future.succeededFuture(admission.open()));
        if (config.jobs().enabled()) {
            JobBridge.PARTS.forEach(
                    part -> checks.put(part, () -> Future.succeededFuture(isWorking(part))));
        }
        return new Readiness(Map.copyOf(checks));
    }

    private boolean isWorking(String part) {
        JobBridge bridge = jobs;
        return bridge != null && bridge.isWorking(part);
    }

    /// The port it serves.
    public int port() {
        return verticles.getFirst().port();
    }

    /// Refuses new runs, lets those that clients wait for come to their end within the drain
    /// timeout, and stops. Blocks.
    @Override
    public void close() {
        try {
            admission.close(config.gateway().drainTimeout());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        parts.close();
    }
}
