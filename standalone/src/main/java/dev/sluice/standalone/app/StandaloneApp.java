package dev.sluice.standalone.app;

import dev.sluice.common.config.KafkaConfig;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.gateway.GatewayApp;
import dev.sluice.standalone.log.Logging;
import dev.sluice.worker.WorkerApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Everything in one process: the embedded Kafka and Redis, a gateway and a worker on them, and
/// where no configuration is given the demo's model and tools.
public final class StandaloneApp implements AutoCloseable {
    private final Parts parts;
    private final String url;

    private StandaloneApp(Parts parts, String url) {
        this.parts = parts;
        this.url = url;
    }

    /// What to run.
    ///
    /// @param data the folder of the embedded servers' data
    /// @param config the configuration, whose Kafka and Redis are replaced by the embedded; null
    ///   for the demo
    /// @param port the gateway's port instead of the configuration's
    /// @param environment the environment's variables
    public record Plan(
            Path data,
            @Nullable SluiceConfig config,
            OptionalInt port,
            Map<String, String> environment) {
        public Plan {
            environment = Map.copyOf(environment);
        }
    }

    /// Starts everything and returns when it serves.
    ///
    /// @throws Exception naming what is at fault, with nothing left running; or if the caller is
    ///   interrupted
    public static StandaloneApp start(Plan plan) throws Exception {
        var parts = new Parts();
        try {
            FutureTask<Infra> infra =
                    parts.start("infra", () -> Infra.start(plan.data, 0, 0, plan.environment));
            SluiceConfig config = plan.config;
            if (config == null) {
                FutureTask<Demo> demo = parts.start("demo", Demo::start);
                parts.await();
                config = demo.get().config(plan.environment);
            }
            parts.await();
            SluiceConfig settled =
                    Overlay.of(
                            config,
                            infra.get().bootstrapServers(),
                            infra.get().redisUrl(),
                            plan.port,
                            Files.getFileStore(plan.data).getUsableSpace());
            Logging.apply(settled.log());
            parts.start("worker", () -> WorkerApp.start(settled));
            FutureTask<GatewayApp> gateway =
                    parts.start("gateway", () -> GatewayApp.start(settled));
            parts.await();
            String url = Addresses.http(settled.gateway().host(), gateway.get().port());
            parts.start("whereabouts", () -> announce(plan.data, settled.kafka(), url));
            parts.await();
            return new StandaloneApp(parts, url);
        } catch (Exception e) {
            parts.close();
            throw e;
        }
    }

    private static AutoCloseable announce(Path data, KafkaConfig kafka, String url)
            throws IOException {
        new Whereabouts(kafka.bootstrapServers(), kafka.topicPrefix(), url).write(data);
        return () -> Whereabouts.erase(data);
    }

    /// The address it serves.
    public String url() {
        return url;
    }

    /// Drains the gateway, then the worker, and stops everything. Blocks.
    @Override
    public void close() {
        parts.close();
    }
}
