package dev.sluice.common.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.redis.RunStates.Claim;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class RunStatesIT {
    private static final Duration KEPT = Duration.ofMinutes(10);

    @TempDir static Path data;
    private static EmbeddedRedis server;
    private static Redis redis;

    private final RunStates states = new RunStates(redis, KEPT);
    private final RunId run = RunId.at(1);

    @BeforeAll
    static void start() {
        server = EmbeddedRedis.start(data, 0, new RedisBinary.Bundled());
        redis = Redis.connect(RedisConfigs.of(server.url()), Clock.systemUTC());
    }

    @AfterAll
    static void stop() {
        redis.close();
        server.close();
    }

    private RunRequest request(int floor, Duration timeLeft) {
        return new RunRequest(
                run,
                "agent",
                null,
                List.of(),
                List.of(),
                Map.of(),
                0,
                0,
                floor,
                Instant.EPOCH,
                redis.now().plus(timeLeft));
    }

    private Claim claim(String claimId) throws Exception {
        return answer(states.claim(request(0, Duration.ofMinutes(1)), claimId, "worker"));
    }

    private static <T> T answer(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    private Map<String, String> entry() throws Exception {
        return answer(redis.commands().hgetall(redis.key("run", run.value())));
    }

    private Duration ttl() throws Exception {
        return Duration.ofMillis(answer(redis.commands().pttl(redis.key("run", run.value()))));
    }

    @Test
    void aRunIsClaimedOnceAndTheClaimantHasItsTime() throws Exception {
        assertThat(claim("a"))
                .isInstanceOfSatisfying(
                        Claim.Execute.class,
                        granted -> {
                            assertThat(granted.attempt()).isEqualTo(1);
                            assertThat(granted.timeLeft())
                                    .isBetween(Duration.ofSeconds(58), Duration.ofSeconds(61));
                        });
        assertThat(claim("b")).isEqualTo(new Claim.Refused());
        assertThat(entry())
                .containsEntry("state", "claimed")
                .containsEntry("attempt", "1")
                .containsEntry("claim", "a")
                .containsEntry("worker", "worker");
    }

    @Test
    void ofManyClaimantsAtOnceOneIsGranted() {
        List<Claim> claims =
                java.util.stream.IntStream.range(0, 50)
                        .mapToObj(i ->
                                states.claim(request(0, Duration.ofMinutes(1)), "claim-" + i, "w"))
                        .toList()
                        .stream()
                        .map(stage -> stage.toCompletableFuture().join())
                        .toList();

        assertThat(claims).filteredOn(Claim.Execute.class::isInstance).hasSize(1);
        assertThat(claims).filteredOn(Claim.Refused.class::isInstance).hasSize(49);
    }

    @Test
    void aClaimWhoseAnswerWasLostIsMadeAgainAsTheSameAttempt() throws Exception {
        claim("a");

        assertThat(claim("a"))
                .isInstanceOfSatisfying(
                        Claim.Execute.class, granted -> assertThat(granted.attempt()).isEqualTo(1));
    }

    @Test
    void theAttemptIsAboveTheOffersFloor() throws Exception {
        Claim claim = answer(states.claim(request(4, Duration.ofMinutes(1)), "a", "worker"));

        assertThat(claim)
                .isInstanceOfSatisfying(
                        Claim.Execute.class, granted -> assertThat(granted.attempt()).isEqualTo(5));
    }

    @Test
    void aRunThatWasCancelledBeforeItsClaimIsGrantedAsCancelled() throws Exception {
        answer(states.cancel(run));

        assertThat(claim("a")).isEqualTo(new Claim.Cancelled(1));
        assertThat(claim("b")).isEqualTo(new Claim.Refused());
    }

    @Test
    void aCancelledClaimThatIsMadeAgainIsCancelledStill() throws Exception {
        claim("a");
        answer(states.cancel(run));

        assertThat(claim("a")).isEqualTo(new Claim.Cancelled(1));
    }

    @Test
    void aRunWhoseDeadlineHasPassedIsGrantedAsExpired() throws Exception {
        assertThat(answer(states.claim(request(0, Duration.ofMillis(-1)), "a", "worker")))
                .isEqualTo(new Claim.Expired(1));
        assertThat(claim("b")).isEqualTo(new Claim.Refused());
    }

    @Test
    void anEndedRunIsNeverGrantedAgain() throws Exception {
        claim("a");
        answer(states.end(run, "a"));

        assertThat(claim("a")).isEqualTo(new Claim.Refused());
        assertThat(claim("b")).isEqualTo(new Claim.Refused());
        answer(states.cancel(run));
        assertThat(entry()).containsEntry("state", "ended").doesNotContainKey("cancel");
    }

    @Test
    void onlyTheClaimantEndsARun() throws Exception {
        claim("a");
        answer(states.end(run, "b"));

        assertThat(entry()).containsEntry("state", "claimed");
    }

    @Test
    void whatIsKnownOfARunExpires() throws Exception {
        claim("a");
        assertThat(ttl()).isBetween(KEPT.minusSeconds(5), KEPT);
        answer(redis.commands().persist(redis.key("run", run.value())));
        answer(states.cancel(run));
        assertThat(ttl()).isBetween(KEPT.minusSeconds(5), KEPT);
        answer(redis.commands().persist(redis.key("run", run.value())));
        answer(states.end(run, "a"));
        assertThat(ttl()).isBetween(KEPT.minusSeconds(5), KEPT);
    }

    @Test
    void aScriptThatRedisForgotIsSentAgain() throws Exception {
        claim("a");
        answer(redis.commands().scriptFlush());

        assertThat(claim("b")).isEqualTo(new Claim.Refused());
        answer(redis.commands().scriptFlush());
        answer(states.end(run, "a"));
        assertThat(entry()).containsEntry("state", "ended");
    }
}
