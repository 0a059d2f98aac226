package dev.sluice.worker.provider;

import dev.sluice.common.config.ProviderConfig;
import dev.sluice.worker.run.Model;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The providers of a configuration, each with its own pool of connections and its [Model]. Safe
/// for any number of threads.
public final class Providers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Providers.class);

    private final List<Upstream> upstreams = new ArrayList<>();
    private final Map<String, Model> models = new LinkedHashMap<>();

    /// Connects to nothing yet: connections are opened as they are needed.
    public Providers(Map<String, ProviderConfig> providers, Vertx vertx, MeterRegistry registry) {
        this(providers, vertx, registry, () -> ThreadLocalRandom.current().nextDouble());
    }

    Providers(
            Map<String, ProviderConfig> providers,
            Vertx vertx,
            MeterRegistry registry,
            DoubleSupplier jitter) {
        providers.forEach((name, config) -> {
            Upstream upstream = new Upstream(name, config, vertx);
            upstreams.add(upstream);
            models.put(
                    name,
                    switch (config.kind()) {
                        case OPENAI ->
                                new OpenAiModel(
                                        upstream,
                                        new Backoff(config.retry(), jitter),
                                        new CallMeters(registry, name));
                    });
        });
    }

    /// The model behind a provider, as which every model of that provider can be asked.
    ///
    /// @throws IllegalArgumentException if there is no such provider; a valid configuration names
    ///   none that is not
    public Model model(String provider) {
        Model model = models.get(provider);
        if (model == null) {
            throw new IllegalArgumentException("no such provider: " + provider);
        }
        return model;
    }

    /// Closes every connection. Calls that are under way fail as cut.
    @Override
    public void close() {
        try {
            Future.join(upstreams.stream().map(Upstream::close).toList())
                    .await(5, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            LOG.atWarn().setCause(late).log("connections to providers did not close in time");
        }
    }
}
