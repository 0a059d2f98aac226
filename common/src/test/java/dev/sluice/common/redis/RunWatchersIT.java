package dev.sluice.common.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.redis.RunEntry.Status;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class RunWatchersIT {
    @TempDir static Path data;
    private static EmbeddedRedis server;
    private static Redis redis;

    private final RunStates states =
            new RunStates(redis, Duration.ofMinutes(10), Duration.ofMinutes(5));
    private final RunWatchers watchers = new RunWatchers(redis, states);
    private final RunLists lists = new RunLists(redis, states);
    private final String key = UUID.randomUUID().toString();
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

    private static <T> T answer(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    private RunRequest request(RunId run, long accepted) {
        return new RunRequest(
                run,
                "agent",
                key,
                List.of(),
                List.of(),
                Map.of(),
                Map.of("ticket", "42"),
                OnDisconnect.CANCEL,
                false,
                Lane.BATCH,
                0,
                0,
                0,
                Instant.ofEpochMilli(accepted),
                redis.now().plusSeconds(60));
    }

    private void register(int watching) throws Exception {
        answer(states.register(request(run, 1), "", watching));
    }

    private boolean cancelled() throws Exception {
        return answer(states.find(run)).orElseThrow().cancelled();
    }

    @Test
    void aRunThatItsLastWatcherLeavesIsUnwatched() throws Exception {
        register(1);
        answer(watchers.watch(run));
        assertThat(answer(watchers.leave(run))).isFalse();
        assertThat(answer(states.cancelUnwatched(run))).isFalse();
        assertThat(cancelled()).isFalse();

        assertThat(answer(watchers.leave(run))).isTrue();
        assertThat(answer(states.cancelUnwatched(run))).isTrue();
        assertThat(cancelled()).isTrue();
    }

    @Test
    void whoStartedARunOfWhichItsWorkerSpokeFirstIsCounted() throws Exception {
        answer(redis.commands().zadd(states.leases(), 9e15, "lease"));
        answer(
                states.claim(
                        request(run, 1),
                        new RunEntry.Offer(Lane.INTERACTIVE, 0, 0),
                        "claim",
                        "lease",
                        3));
        register(1);
        answer(watchers.watch(run));

        assertThat(answer(watchers.leave(run))).isFalse();
        assertThat(answer(watchers.leave(run))).isTrue();
    }

    @Test
    void whoComesBackInTimeKeepsTheRunGoing() throws Exception {
        register(1);
        assertThat(answer(watchers.leave(run))).isTrue();
        answer(watchers.watch(run));

        assertThat(answer(states.cancelUnwatched(run))).isFalse();
        assertThat(cancelled()).isFalse();
    }

    @Test
    void whoeverWantsItCancelsARunThatIsWatched() throws Exception {
        register(1);

        assertThat(answer(states.cancel(run))).isTrue();
        assertThat(cancelled()).isTrue();
    }

    @Test
    void ofARunThatRedisDoesNotKnowNobodyIsCounted() throws Exception {
        assertThat(answer(watchers.leave(run))).isTrue();
        assertThat(answer(redis.commands().exists(states.key(run)))).isZero();
        assertThat(answer(states.cancelUnwatched(run))).isTrue();
    }

    @Test
    void anEndedRunIsNeitherUnwatchedNorCancelled() throws Exception {
        register(1);
        answer(redis.commands().hset(states.key(run), "claim", "a"));
        answer(states.end(run, "a", "lease", Status.COMPLETED, 9));

        assertThat(answer(watchers.leave(run))).isFalse();
        assertThat(answer(states.cancelUnwatched(run))).isFalse();
        assertThat(answer(states.cancel(run))).isFalse();
    }

    @Test
    void aRunThatCouldNotBePublishedIsTakenBack() throws Exception {
        register(1);
        answer(states.withdraw(request(run, 1)));

        assertThat(answer(states.find(run))).isEmpty();
        assertThat(answer(lists.page(key, null, 10))).contains(List.of());
    }

    @Test
    void aRunThatAWorkerHasMetIsNotTakenBack() throws Exception {
        register(1);
        answer(redis.commands().hset(states.key(run), "attempt", "1"));
        answer(states.withdraw(request(run, 1)));

        assertThat(answer(states.find(run))).isPresent();
    }

    @Test
    void aKeysRunsAreListedNewestFirstPageByPage() throws Exception {
        List<RunId> runs = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            RunId next = RunId.at(i);
            runs.addFirst(next);
            answer(states.register(request(next, 1000 + i), "", 0));
        }
        assertThat(answer(lists.page(key, null, 3))).contains(runs.subList(0, 3));
        assertThat(answer(lists.page(key, runs.get(2), 3))).contains(runs.subList(3, 6));
        assertThat(answer(lists.page(key, runs.get(5), 3))).contains(runs.subList(6, 7));
        assertThat(answer(lists.page(key, runs.get(6), 3))).contains(List.of());
        assertThat(answer(lists.page(key, RunId.at(9), 3))).isEqualTo(Optional.empty());
        assertThat(answer(lists.page("another", null, 3))).contains(List.of());

        answer(redis.commands().del(states.key(runs.get(1))));
        assertThat(answer(lists.entries(runs)))
                .hasSize(6)
                .allSatisfy(entry -> assertThat(entry.metadata()).containsEntry("ticket", "42"))
                .allSatisfy(entry -> assertThat(entry.lane()).isEqualTo(Lane.BATCH))
                .extracting(RunEntry::run)
                .doesNotContain(runs.get(1));
    }
}
