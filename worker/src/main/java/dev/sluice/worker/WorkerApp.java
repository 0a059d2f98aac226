package dev.sluice.worker;

import dev.sluice.common.ClosingStack;
import dev.sluice.common.StartException;
import dev.sluice.common.audit.AuditLog;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.config.WorkerConfig;
import dev.sluice.common.kafka.ClusterProbe;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Producers;
import dev.sluice.common.kafka.TopicSetup;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.monitor.Metrics;
import dev.sluice.common.monitor.MonitorRoutes;
import dev.sluice.common.monitor.Readiness;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.run.Lane;
import dev.sluice.worker.intake.WorkerVerticle;
import dev.sluice.worker.memory.RedisContinuations;
import dev.sluice.worker.provider.Providers;
import dev.sluice.worker.run.RunEngine;
import dev.sluice.worker.tool.ToolSources;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.net.BindException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.producer.KafkaProducer;

/// A worker, put together from a configuration. Closing it drains it.
public final class WorkerApp implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ClosingStack parts;
    private final String id;
    private final HttpServer monitor;

    private WorkerApp(ClosingStack parts, String id, HttpServer monitor) {
        this.parts = parts;
        this.id = id;
        this.monitor = monitor;
    }

    /// Starts a worker and returns when it takes runs. Blocks.
    ///
    /// @throws StartException if it cannot, for a reason that its operator can mend
    public static WorkerApp start(SluiceConfig config) {
        ClosingStack parts = new ClosingStack();
        try {
            return start(config, parts);
        } catch (InterruptedException e) {
            parts.close();
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting the worker", e);
        } catch (ExecutionException e) {
            parts.close();
            throw e.getCause() instanceof BindException
                    ? new StartException(
                            "port %d is taken: choose another one (worker.port)"
                                    .formatted(config.worker().port()),
                            e)
                    : new StartException("the worker cannot start: " + e.getCause(), e);
        } catch (RuntimeException e) {
            parts.close();
            throw e;
        }
    }

    private static WorkerApp start(SluiceConfig config, ClosingStack parts)
            throws InterruptedException, ExecutionException {
        Clock clock = Clock.systemUTC();
        WorkerConfig worker = config.worker();
        String id = "worker-" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        Topics topics = new Topics(config.kafka().topicPrefix());
        KafkaSettings settings = KafkaSettings.of(config);
        Vertx vertx = parts.opened(Vertx.vertx(), it -> ClosingStack.await(it.close(), PATIENCE));
        Metrics metrics = parts.opened(new Metrics());
        Redis redis = parts.opened(Redis.connect(config.redis(), clock));
        TopicSetup.ensure(settings, topics);
        ClusterProbe probe = parts.opened(new ClusterProbe(settings));
        KafkaProducer<String, byte[]> producer =
                parts.opened(
                        Producers.open(
                                settings,
                                List.of(
                                        topics.replies(),
                                        topics.runs(Lane.INTERACTIVE),
                                        topics.runs(Lane.BATCH),
                                        topics.control(),
                                        topics.deadLetter())),
                        it -> it.close(Duration.ofSeconds(5)));
        KafkaProducer<String, byte[]> auditor =
                parts.opened(
                        Producers.openAuditor(settings, topics),
                        it -> it.close(Duration.ofSeconds(5)));
        Providers providers =
                parts.opened(new Providers(config.providers(), vertx, metrics.registry()));
        ToolSources tools = parts.opened(new ToolSources(config.mcpServers(), metrics.registry()));
        tools.startEager();
        WorkerVerticle verticle =
                new WorkerVerticle(
                        id,
                        config,
                        settings,
                        topics,
                        producer,
                        new AuditLog(
                                auditor,
                                topics,
                                settings.largestValue(),
                                config.audit().includeContent()),
                        redis,
                        new RunEngine(
                                config.agents(),
                                providers::model,
                                tools::toolbox,
                                new RedisContinuations(redis, worker.continuationTtl())),
                        metrics.registry(),
                        clock);
        String deployment =
                ClosingStack.await(
                        vertx.deployVerticle(
                                verticle,
                                new DeploymentOptions()
                                        .setThreadingModel(ThreadingModel.VIRTUAL_THREAD)),
                        PATIENCE);
        parts.opened(
                deployment,
                it -> ClosingStack.await(vertx.undeploy(it), worker.drainTimeout().plus(PATIENCE)));
        Router router = Router.router(vertx);
        MonitorRoutes.mount(
                router,
                metrics,
                new Readiness(
                        Map.of(
                                "kafka", () -> Future.fromCompletionStage(probe.answers()),
                                "redis", () -> Future.fromCompletionStage(redis.reliable()),
                                "lease", () -> Future.succeededFuture(verticle.leased()),
                                "intake", () -> Future.succeededFuture(verticle.working()))));
        HttpServer monitor =
                ClosingStack.await(
                        vertx.createHttpServer()
                                .requestHandler(router)
                                .listen(worker.port(), worker.host()),
                        PATIENCE);
        return new WorkerApp(parts, id, monitor);
    }

    /// Names the worker in journals and logs.
    public String id() {
        return id;
    }

    /// The port of `/health`, `/ready` and `/metrics`.
    public int port() {
        return monitor.actualPort();
    }

    /// Takes no more runs, lets those that execute come to their end within the drain timeout, and
    /// stops. Blocks.
    @Override
    public void close() {
        parts.close();
    }
}
