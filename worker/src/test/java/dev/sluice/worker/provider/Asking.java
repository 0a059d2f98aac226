package dev.sluice.worker.provider;

import dev.sluice.common.config.ProviderConfig;
import dev.sluice.common.config.ProviderConfig.Retries;
import dev.sluice.common.config.ProviderConfig.Timeouts;
import dev.sluice.common.run.Failure;
import dev.sluice.worker.provider.RawUpstream.Script;
import dev.sluice.worker.provider.openai.Heard;
import dev.sluice.worker.provider.openai.Prompts;
import dev.sluice.worker.run.Model.Answer;
import dev.sluice.worker.run.Model.Answer.Failed;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.dns.AddressResolverOptions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/// A test that asks a model behind a [RawUpstream].
@Timeout(30)
abstract class Asking {
    static final String HELLO = "{'choices':[{'index':0,'delta':{'content':'Hello'}}]}";
    static final String STOP =
            "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],"
                    + "'usage':{'prompt_tokens':7,'completion_tokens':3}}";
    static final Script ANSWER = wire -> wire.stream(HELLO, STOP, "[DONE]").end();

    // Where no name server answers, an unknown host is to be unknown soon.
    final Vertx vertx =
            Vertx.vertx(
                    new VertxOptions()
                            .setAddressResolverOptions(
                                    new AddressResolverOptions()
                                            .setQueryTimeout(300)
                                            .setMaxQueries(1)));
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Heard heard = new Heard();

    @AfterEach
    void closeVertx() {
        vertx.close().await();
    }

    Answer answer(int attempts, Script... scripts) throws InterruptedException {
        try (RawUpstream upstream = new RawUpstream(vertx, scripts);
                Providers providers =
                        providers(upstream, Fixtures.PATIENT, Fixtures.retries(attempts))) {
            return ask(providers);
        }
    }

    Failure failure(int attempts, Script... scripts) throws InterruptedException {
        return ((Failed) answer(attempts, scripts)).failure();
    }

    Answer ask(Providers providers) throws InterruptedException {
        return providers.model("p").generate(Prompts.prompt(), heard);
    }

    Answer ask(Providers providers, Duration timeLeft) throws InterruptedException {
        return providers.model("p").generate(Prompts.prompt(timeLeft), heard);
    }

    Providers providers(RawUpstream upstream) {
        return providers(upstream, Fixtures.PATIENT, Fixtures.NONE);
    }

    Providers providers(RawUpstream upstream, Timeouts timeouts, Retries retries) {
        return providers(Fixtures.config(upstream.baseUrl(), timeouts, retries));
    }

    Providers providers(ProviderConfig config) {
        return new Providers(Map.of("p", config), vertx, meters, () -> 0.5);
    }

    long calls(String outcome) {
        return meters.get("sluice.upstream.calls").tag("outcome", outcome).timer().count();
    }

    double retries() {
        return meters.counter("sluice.upstream.retries", "provider", "p").count();
    }
}
