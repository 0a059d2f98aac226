package dev.sluice.worker.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.config.ProviderConfig;
import dev.sluice.common.run.Failure;
import dev.sluice.worker.provider.RawUpstream.Script;
import dev.sluice.worker.provider.RawUpstream.Wire;
import dev.sluice.worker.provider.openai.Heard;
import dev.sluice.worker.provider.openai.Prompts;
import dev.sluice.worker.run.Model.Answer;
import dev.sluice.worker.run.Model.Answer.Failed;
import dev.sluice.worker.run.Model.Answer.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OpenAiModelThreadsIT extends Asking {
    @Test
    void anInterruptIsSeenByTheUpstreamWithinASecond() throws Exception {
        CountDownLatch said = new CountDownLatch(1);
        heard.onText(said::countDown);
        try (RawUpstream upstream = new RawUpstream(vertx, wire -> wire.stream(HELLO));
                Providers providers = providers(upstream);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> answer = threads.submit(() -> ask(providers));
            assertThat(said.await(5, TimeUnit.SECONDS)).isTrue();

            answer.cancel(true);

            upstream.wire(0).closed().get(1, TimeUnit.SECONDS);
            await().untilAsserted(() -> assertThat(calls("cancelled")).isEqualTo(1));
        }
    }

    @Test
    void asManyCallsAreUnderWayAsThereMayBeConnections() throws Exception {
        try (RawUpstream upstream = new RawUpstream(vertx, wire -> wire.stream(HELLO));
                Providers providers = providers(Fixtures.bounded(upstream.baseUrl(), 3));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                answers.add(threads.submit(() -> ask(providers)));
            }
            await().until(() -> upstream.wires.size() == 3);

            for (int i = 0; i < 5; i++) {
                upstream.wire(i).events(STOP, "[DONE]").end();
                int begun = Math.min(5, i + 4);
                await().until(() -> upstream.wires.size() == begun);
            }

            for (Future<Answer> answer : answers) {
                assertThat(answer.get(5, TimeUnit.SECONDS)).isInstanceOf(Turn.class);
            }
        }
    }

    @Test
    void anInterruptBeforeTheFirstByteIsSeenByTheUpstreamToo() throws Exception {
        try (RawUpstream upstream = new RawUpstream(vertx, _ -> {});
                Providers providers = providers(upstream);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> answer = threads.submit(() -> ask(providers));
            await().until(() -> !upstream.wires.isEmpty());

            answer.cancel(true);

            upstream.wire(0).closed().get(1, TimeUnit.SECONDS);
        }
    }

    @Test
    void nothingIsHandedOnAfterAnInterrupt() throws Exception {
        Script torrent =
                wire -> {
                    wire.stream(HELLO);
                    long timer = vertx.setPeriodic(1, _ -> wire.events(HELLO, HELLO, HELLO));
                    var _ = wire.closed().thenRun(() -> vertx.cancelTimer(timer));
                };
        Thread asking = Thread.currentThread();
        heard.onText(asking::interrupt);
        try (RawUpstream upstream = new RawUpstream(vertx, torrent);
                Providers providers = providers(upstream)) {
            assertThatThrownBy(() -> ask(providers)).isInstanceOf(InterruptedException.class);

            int lines = heard.lines.size();
            // What still comes would interrupt this thread again, and fail the wait.
            upstream.wire(0).closed().get(1, TimeUnit.SECONDS);
            assertThat(heard.lines).hasSize(lines);
        }
    }

    @Test
    void anInterruptedThreadMakesNoCall() {
        try (RawUpstream upstream = new RawUpstream(vertx, ANSWER);
                Providers providers = providers(upstream)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> ask(providers)).isInstanceOf(InterruptedException.class);
            assertThat(upstream.connections).isEmpty();
        }
    }

    @Test
    void twoHundredCallsRunAtOnce() throws Exception {
        List<Wire> waiting = new ArrayList<>();
        Script all =
                wire -> {
                    synchronized (waiting) {
                        waiting.add(wire);
                        if (waiting.size() < 200) {
                            return;
                        }
                    }
                    waiting.forEach(w -> w.stream(HELLO, STOP, "[DONE]").end());
                };
        try (RawUpstream upstream = new RawUpstream(vertx, all);
                Providers providers = providers(upstream);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                answers.add(
                        threads.submit(() ->
                                providers.model("p").generate(Prompts.prompt(), new Heard())));
            }
            for (Future<Answer> answer : answers) {
                assertThat(answer.get()).isInstanceOf(Turn.class);
            }
            assertThat(calls("ok")).isEqualTo(200);
        }
    }

    @Test
    void callsBeyondTheConnectionsWaitTheirTurn() throws Exception {
        try (RawUpstream upstream = new RawUpstream(vertx, ANSWER)) {
            ProviderConfig config =
                    Fixtures.config(upstream.baseUrl(), Fixtures.PATIENT, Fixtures.NONE);
            ProviderConfig two =
                    new ProviderConfig(
                            config.kind(),
                            config.baseUrl(),
                            config.apiKey(),
                            config.headers(),
                            config.timeout(),
                            config.retry(),
                            config.extraBody(),
                            2,
                            false);
            try (Providers providers = new Providers(Map.of("p", two), vertx, meters);
                    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Answer>> answers = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    answers.add(threads.submit(() -> ask(providers)));
                }
                for (Future<Answer> answer : answers) {
                    assertThat(answer.get()).isInstanceOf(Turn.class);
                }
            }
            assertThat(upstream.connections).hasSizeLessThanOrEqualTo(2);
        }
    }

    @Test
    void callsUnderWayFailWhenTheProvidersAreClosed() throws Exception {
        try (RawUpstream upstream = new RawUpstream(vertx, _ -> {});
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Providers providers = providers(upstream, Fixtures.PATIENT, Fixtures.retries(2));
            Future<Answer> answer = threads.submit(() -> ask(providers));
            await().until(() -> !upstream.wires.isEmpty());

            providers.close();

            assertThat(answer.get(5, TimeUnit.SECONDS)).isInstanceOf(Failed.class);
        }
    }

    @Test
    void aFaultInTheDeltasFailsTheCall() throws Exception {
        heard.onText(() -> {
            throw new IllegalStateException("a fault");
        });
        assertThat(failure(3, ANSWER)).isEqualTo(new Failure.Internal());
    }
}
