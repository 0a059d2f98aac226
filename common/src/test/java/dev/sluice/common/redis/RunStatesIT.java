package dev.sluice.common.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.redis.RunEntry.Offer;
import dev.sluice.common.redis.RunEntry.StepOffset;
import dev.sluice.common.redis.RunStates.Registered;
import dev.sluice.common.run.Lane;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class RunStatesIT {
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final Offer OFFER = new Offer(Lane.INTERACTIVE, 0, 7);
    private static final int MAX_CRASHES = 3;

    @TempDir static Path data;
    private static EmbeddedRedis server;
    private static Redis redis;

    private final RunStates states = new RunStates(redis, LONGEST, KEPT);
    private final RunId run = RunId.at(1);

    @BeforeAll
    static void start() {
        server = EmbeddedRedis.start(data, 0, new RedisBinary.Bundled());
        redis = Redis.connect(RedisConfigs.of(server.url()), Clock.systemUTC());
    }

    @BeforeEach
    void workerLives() throws Exception {
        lives("worker");
        answer(redis.commands().mset(Map.of(states.epoch(), "1:a", states.rebuiltEpoch(), "1:a")));
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
                Map.of(),
                RunRequest.OnDisconnect.CANCEL,
                false,
                Lane.INTERACTIVE,
                0,
                0,
                floor,
                Instant.EPOCH,
                redis.now().plus(timeLeft));
    }

    private Claim claim(String claimId) throws Exception {
        return claim(claimId, "worker");
    }

    private Claim claim(String claimId, String lease) throws Exception {
        return claim(request(0, Duration.ofMinutes(1)), claimId, lease);
    }

    private Claim claim(RunRequest request, String claimId, String lease) throws Exception {
        return answer(states.claim(request, OFFER, claimId, lease, MAX_CRASHES));
    }

    private static void lives(String lease) throws Exception {
        answer(redis.commands().zadd("test:leases:live", 1e15, lease));
    }

    private static void dies(String lease) throws Exception {
        answer(redis.commands().zrem("test:leases:live", lease));
    }

    private void end(String claimId) throws Exception {
        answer(states.end(run, claimId, "worker", RunEntry.Status.COMPLETED, 99));
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
    void theFirstOfferOfARunThatIsKnownIsNotedAndKeepsTheRun() throws Exception {
        Offer later = new Offer(Lane.INTERACTIVE, 1, 1);
        assertThat(answer(states.offered(run, OFFER))).isFalse();
        assertThat(entry()).isEmpty();
        RunRequest request = request(0, Duration.ofMinutes(1));
        answer(states.register(request, "", 0));
        RunEntry registered = answer(states.find(run)).orElseThrow();
        assertThat(registered.unpublished(redis.now())).isTrue();

        assertThat(answer(states.offered(run, OFFER))).isTrue();
        assertThat(answer(states.offered(run, later))).isFalse();
        answer(states.withdraw(request));

        RunEntry offered = answer(states.find(run)).orElseThrow();
        assertThat(offered.offer()).isEqualTo(OFFER);
        assertThat(offered.unpublished(redis.now())).isFalse();
        assertThat(offered.unpublished(request.deadline().plusMillis(1))).isTrue();
    }

    @Test
    void anOfferThatWasClaimedIsNotForgottenForAnother() throws Exception {
        claim("a");

        assertThat(answer(states.offered(run, new Offer(Lane.INTERACTIVE, 1, 1)))).isFalse();

        assertThat(answer(states.find(run)).orElseThrow().offer()).isEqualTo(OFFER);
    }

    @Test
    void ofManyClaimantsAtOnceOneIsGranted() {
        List<Claim> claims =
                java.util.stream.IntStream.range(0, 50)
                        .mapToObj(i ->
                                states.claim(
                                        request(0, Duration.ofMinutes(1)),
                                        OFFER,
                                        "claim-" + i,
                                        "worker",
                                        MAX_CRASHES))
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
        Claim claim = claim(request(4, Duration.ofMinutes(1)), "a", "worker");

        assertThat(claim)
                .isInstanceOfSatisfying(
                        Claim.Execute.class, granted -> assertThat(granted.attempt()).isEqualTo(5));
    }

    @Test
    void aRunThatWasCancelledBeforeItsClaimIsGrantedAsCancelled() throws Exception {
        answer(states.cancel(run));

        assertThat(claim("a")).isEqualTo(new Claim.Cancelled(1, true));
        assertThat(claim("b")).isEqualTo(new Claim.Refused());
    }

    @Test
    void aCancelledClaimThatIsMadeAgainIsCancelledStill() throws Exception {
        claim("a");
        answer(states.cancel(run));

        assertThat(claim("a")).isEqualTo(new Claim.Cancelled(1, true));
    }

    @Test
    void aRunWhoseDeadlineHasPassedIsGrantedAsExpired() throws Exception {
        assertThat(claim(request(0, Duration.ofMillis(-1)), "a", "worker"))
                .isEqualTo(new Claim.Expired(1, true));
        assertThat(claim("b")).isEqualTo(new Claim.Refused());
    }

    @Test
    void anEndedRunIsNeverGrantedAgain() throws Exception {
        claim("a");
        end("a");

        assertThat(claim("a")).isEqualTo(new Claim.Refused());
        assertThat(claim("b")).isEqualTo(new Claim.Refused());
        answer(states.cancel(run));
        assertThat(entry()).containsEntry("state", "ended").doesNotContainKey("cancel");
    }

    @Test
    void onlyTheClaimantEndsARun() throws Exception {
        claim("a");
        end("b");

        assertThat(entry()).containsEntry("state", "claimed");
    }

    @Test
    void whatIsKnownOfARunExpires() throws Exception {
        Duration alive = LONGEST.plus(KEPT);
        claim("a");
        assertThat(ttl()).isBetween(alive.minusSeconds(5), alive);
        answer(redis.commands().persist(redis.key("run", run.value())));
        answer(states.cancel(run));
        assertThat(ttl()).isBetween(alive.minusSeconds(5), alive);
        end("a");
        assertThat(ttl()).isBetween(KEPT.minusSeconds(5), KEPT);
    }

    @Test
    void whoHasNoLeaseClaimsNothing() throws Exception {
        assertThat(claim("a", "stranger")).isEqualTo(new Claim.NoLease());
        assertThat(entry()).isEmpty();
    }

    @Test
    void aRunWhoseHolderIsGoneIsGrantedAgainAndTheCrashIsCounted() throws Exception {
        lives("other");
        claim("a", "other");
        assertThat(claim("b")).isEqualTo(new Claim.Refused());
        dies("other");

        assertThat(claim("b"))
                .isInstanceOfSatisfying(
                        Claim.Execute.class, granted -> assertThat(granted.attempt()).isEqualTo(2));
        assertThat(entry()).containsEntry("crashes", "1").containsEntry("worker", "worker");
    }

    @Test
    void aRunThatTooManyWorkersDiedOfIsPoisonUntilItMakesProgress() throws Exception {
        for (int i = 0; i < MAX_CRASHES; i++) {
            lives("w" + i);
            assertThat(claim("c" + i, "w" + i)).isInstanceOf(Claim.Execute.class);
            dies("w" + i);
        }
        assertThat(claim("last")).isEqualTo(new Claim.Poison(MAX_CRASHES + 1, false, MAX_CRASHES));

        answer(states.step(run, "last", new StepOffset(1, 50)));
        assertThat(claim("last")).isInstanceOf(Claim.Execute.class);
    }

    @Test
    void aClaimIsRaisedAboveTheAttemptsThatTheJournalKnows() throws Exception {
        claim("a");

        assertThat(claim(request(5, Duration.ofMinutes(1)), "a", "worker"))
                .isInstanceOfSatisfying(
                        Claim.Execute.class, granted -> assertThat(granted.attempt()).isEqualTo(6));
    }

    @Test
    void theEntrySaysWhereTheRunAndItsStepsAre() throws Exception {
        answer(states.register(request(0, Duration.ofMinutes(1)), "", 0));
        assertThat(answer(states.find(run)))
                .hasValueSatisfying(found -> {
                    assertThat(found.state()).isEqualTo(new RunEntry.State.Queued());
                    assertThat(found.offer()).isNull();
                });
        claim("a");
        answer(states.step(run, "a", new StepOffset(1, 50)));
        answer(states.step(run, "b", new StepOffset(2, 60)));
        end("a");

        assertThat(answer(states.find(run)))
                .hasValueSatisfying(found -> {
                    assertThat(found.steps()).containsExactly(new StepOffset(1, 50));
                    assertThat(found.offer()).isEqualTo(OFFER);
                    assertThat(found.agent()).isEqualTo("agent");
                    assertThat(found.key()).isNull();
                    assertThat(found.state())
                            .isInstanceOfSatisfying(
                                    RunEntry.State.Ended.class,
                                    ended -> {
                                        assertThat(ended.status())
                                                .isEqualTo(RunEntry.Status.COMPLETED);
                                        assertThat(ended.offset()).isEqualTo(99);
                                    });
                });
    }

    @Test
    void ofARunThatIsNotKnownThereIsNoEntry() throws Exception {
        answer(states.cancel(run));

        assertThat(answer(states.find(run))).isEmpty();
    }

    @Test
    void theSameRequestJoinsAndAnotherConflicts() throws Exception {
        RunRequest request = request(0, Duration.ofMinutes(1));
        assertThat(answer(states.register(request, "digest", 0))).isEqualTo(Registered.NEW);
        assertThat(answer(states.register(request, "digest", 0))).isEqualTo(Registered.JOINED);
        assertThat(answer(states.register(request, "another", 0))).isEqualTo(Registered.CONFLICT);
        claim("a");
        assertThat(answer(states.register(request, "another", 0))).isEqualTo(Registered.CONFLICT);
    }

    @Test
    void whileRedisMayHaveForgottenARunNoSecondOneIsBegunUnderItsId() throws Exception {
        RunRequest request = request(0, Duration.ofMinutes(1));
        answer(redis.commands().set(states.epoch(), "2:b"));

        assertThat(answer(states.complete())).isFalse();
        assertThat(answer(states.register(request, "digest", 0))).isEqualTo(Registered.UNSURE);
        assertThat(entry()).isEmpty();
        assertThat(answer(states.register(request, "", 0))).isEqualTo(Registered.NEW);

        answer(redis.commands().set(states.rebuiltEpoch(), "2:b"));
        assertThat(answer(states.complete())).isTrue();
    }

    @Test
    void aClaimantRestoresItsRunUnlessSomebodyElseHasIt() throws Exception {
        RunRequest request = request(0, Duration.ofMinutes(1));
        assertThat(answer(states.restoreClaimed(request, OFFER, 2, "a", "worker"))).isTrue();
        assertThat(entry()).containsEntry("attempt", "2").containsEntry("claim", "a");
        assertThat(answer(states.restoreClaimed(request, OFFER, 2, "a", "worker"))).isTrue();
        assertThat(answer(states.restoreClaimed(request, OFFER, 1, "b", "worker"))).isFalse();
        assertThat(answer(states.restoreQueued(request, OFFER, 1, false))).isFalse();
        assertThat(entry()).containsEntry("attempt", "2").containsEntry("claim", "a");
    }

    @Test
    void aRestoredRunIsClaimedAboveItsAttempts() throws Exception {
        answer(states.restoreQueued(request(0, Duration.ofMinutes(1)), OFFER, 3, true));

        assertThat(claim("a")).isEqualTo(new Claim.Cancelled(4, false));
    }

    @Test
    void aScriptThatRedisForgotIsSentAgain() throws Exception {
        claim("a");
        answer(redis.commands().scriptFlush());

        assertThat(claim("b")).isEqualTo(new Claim.Refused());
        answer(redis.commands().scriptFlush());
        end("a");
        assertThat(entry()).containsEntry("state", "ended");
    }
}
