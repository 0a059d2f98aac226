package dev.sluice.worker.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.config.ProviderConfig.Retries;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.provider.RawUpstream.Script;
import dev.sluice.worker.run.Model.Answer;
import dev.sluice.worker.run.Model.Answer.Failed;
import dev.sluice.worker.run.Model.Answer.Turn;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiModelRetryIT extends Asking {
    private static final Failure CUT = new Failure.UpstreamCut("p");

    @ParameterizedTest
    @ValueSource(ints = {408, 409, 429, 500, 503})
    void whatMayPassIsTriedAgain(int status) throws Exception {
        Script error = wire -> wire.whole(status, "", "{}");
        assertThat(answer(3, error, error, ANSWER)).isInstanceOf(Turn.class);
        assertThat(retries()).isEqualTo(2);
        assertThat(heard.lines).containsExactly("text Hello");
    }

    @Test
    void attemptsAreCounted() throws Exception {
        try (RawUpstream upstream =
                        new RawUpstream(vertx, wire -> wire.whole(503, "", "overloaded"));
                Providers providers = providers(upstream, Fixtures.PATIENT, Fixtures.retries(4))) {
            assertThat(ask(providers))
                    .isEqualTo(new Failed(new Failure.UpstreamFailed("p", 503), Usage.NONE));
            assertThat(upstream.wires).hasSize(4);
            assertThat(
                            meters.get("sluice.upstream.calls")
                                    .tag("outcome", "upstream_failed")
                                    .timer()
                                    .count())
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 422, 302})
    void whatWillNotPassIsNotTriedAgain(int status) throws Exception {
        assertThat(failure(3, wire -> wire.whole(status, "", "{}")))
                .isEqualTo(new Failure.UpstreamFailed("p", status));
        assertThat(retries()).isZero();
    }

    @Test
    void aConnectionThatBreaksBeforeTheAnswerIsTriedAgain() throws Exception {
        assertThat(answer(2, RawUpstream.Wire::reset, ANSWER)).isInstanceOf(Turn.class);
        assertThat(failure(2, RawUpstream.Wire::reset)).isEqualTo(CUT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ": PROCESSING\n\n",
                ": PROCESSING\n\ndata: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n"
            })
    void aStreamThatBreaksBeforeItsFirstTokenIsTriedAgain(String begun) throws Exception {
        Script broken = wire -> wire.stream().chunk(begun).reset();
        assertThat(answer(2, broken, ANSWER)).isInstanceOf(Turn.class);
        assertThat(heard.lines).containsExactly("text Hello");
        assertThat(failure(2, broken)).isEqualTo(CUT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'choices':[{'delta':{'reasoning':'hm'}}]}",
                "{'choices':[{'delta':{'tool_calls':[{'index':0,'id':'a'}]}}]}",
                "{'choices':[],'usage':{'prompt_tokens':7}}",
                "{'choices':[],'system_fingerprint':'fp'}"
            })
    void aStreamThatBreaksOnceAnythingWasToldOrCountedIsNotTriedAgain(String told)
            throws Exception {
        assertThat(failure(3, wire -> wire.stream(told).reset(), ANSWER)).isEqualTo(CUT);
        assertThat(retries()).isZero();
    }

    @Test
    void anErrorInTheStreamBeforeItsFirstTokenIsTriedAgainIfItMayPass() throws Exception {
        Script busy = wire -> wire.stream().chunk(": PROCESSING\n\n").events(error("503")).end();
        assertThat(answer(2, busy, ANSWER)).isInstanceOf(Turn.class);
        assertThat(retries()).isEqualTo(1);

        assertThat(failure(2, wire -> wire.stream(error("400")), ANSWER))
                .isEqualTo(new Failure.UpstreamFailed("p", 400));
        assertThat(failure(2, wire -> wire.stream(error("'too_long'")), ANSWER))
                .isEqualTo(new Failure.UpstreamFailed("p", 500));
        assertThat(retries()).isEqualTo(1);
    }

    @Test
    void retryAfterIsWaitedFor() throws Exception {
        Script busy = wire -> wire.whole(429, "retry-after-ms: 150\r\nretry-after: 9\r\n", "{}");
        long start = System.nanoTime();
        assertThat(answer(2, busy, ANSWER)).isInstanceOf(Turn.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(150), Duration.ofSeconds(5));
    }

    @Test
    void aRetryAfterThatIsTooLongEndsTheCallAtOnce() throws Exception {
        Script busy = wire -> wire.whole(429, "retry-after: 30\r\n", "{}");
        assertThat(failure(3, busy, ANSWER))
                .isEqualTo(new Failure.UpstreamRateLimited("p", Duration.ofSeconds(30)));
        assertThat(retries()).isZero();
    }

    @Test
    void aUsedUpQuotaIsNotTriedAgain() throws Exception {
        Script quota = wire -> wire.whole(429, "", "{'error':{'code':'insufficient_quota'}}");
        assertThat(failure(3, quota, ANSWER)).isEqualTo(new Failure.UpstreamRateLimited("p", null));
    }

    @Test
    void theWaitForTheNextAttemptCanBeInterrupted() throws Exception {
        Retries slow = new Retries(3, Duration.ofSeconds(20), Duration.ofSeconds(20));
        try (RawUpstream upstream = new RawUpstream(vertx, wire -> wire.whole(503, "", "{}"));
                Providers providers = providers(upstream, Fixtures.PATIENT, slow);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> answer = threads.submit(() -> ask(providers));
            await().until(() -> retries() == 1);
            answer.cancel(true);
            threads.shutdown();
            assertThat(threads.awaitTermination(1, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aWaitBeyondTheDeadlineIsNotBegun() throws Exception {
        Retries slow = new Retries(3, Duration.ofSeconds(20), Duration.ofSeconds(20));
        try (RawUpstream upstream = new RawUpstream(vertx, wire -> wire.whole(503, "", "{}"));
                Providers providers = providers(upstream, Fixtures.PATIENT, slow)) {
            assertThat(ask(providers, Duration.ofSeconds(10)))
                    .isEqualTo(new Failed(new Failure.UpstreamFailed("p", 503), Usage.NONE));
        }
    }

    private static String error(String code) {
        return "{'error':{'code':%s}}".formatted(code);
    }
}
