package dev.sluice.common.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.redis.JobOrigins.Noted;
import dev.sluice.common.redis.RunEntry.Offer;
import dev.sluice.common.redis.RunStates.Registered;
import dev.sluice.common.run.JobOrigin;
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
import java.util.stream.IntStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class JobOriginsIT {
    private static final Offer OFFER = new Offer(Lane.BATCH, 0, 7);

    @TempDir static Path data;
    private static EmbeddedRedis server;
    private static Redis redis;

    private final RunStates states =
            new RunStates(redis, Duration.ofMinutes(1), Duration.ofMinutes(10));
    private final RunId run = RunId.at(1);

    @BeforeAll
    static void start() {
        server = EmbeddedRedis.start(data, 0, new RedisBinary.Bundled());
        redis = Redis.connect(RedisConfigs.of(server.url()), Clock.systemUTC());
    }

    @BeforeEach
    void allRunsAreKnown() throws Exception {
        answer(redis.commands().mset(Map.of(states.epoch(), "e", states.rebuiltEpoch(), "e")));
    }

    @AfterAll
    static void stop() {
        redis.close();
        server.close();
    }

    private static <T> T answer(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static JobOrigin origin(String digest, int partition) {
        return new JobOrigin("j-1", "/shop", "shop.answers", partition, "c", true, digest);
    }

    private RunRequest request(JobOrigin job) {
        Instant now = Instant.now();
        return new RunRequest(
                run,
                "agent",
                null,
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                RunRequest.OnDisconnect.CONTINUE,
                true,
                Lane.BATCH,
                0,
                0,
                0,
                now,
                now.plusSeconds(60),
                job);
    }

    @Test
    void theEntrySaysWhichJobTheRunIs() throws Exception {
        JobOrigin job = origin("digest", 3);
        answer(states.register(request(job), "digest", 0));

        assertThat(answer(states.find(run)))
                .hasValueSatisfying(found -> assertThat(found.job()).isEqualTo(job));
    }

    @Test
    void anotherJobIsKnownForOneAfterTheRunWasRestored() throws Exception {
        answer(states.restoreQueued(request(origin("digest", 3)), OFFER, 1, false));

        assertThat(answer(states.register(request(origin("digest", 4)), "digest", 0)))
                .isEqualTo(Registered.JOINED);
        assertThat(answer(states.register(request(origin("other", 3)), "other", 0)))
                .isEqualTo(Registered.CONFLICT);
    }

    @Test
    void repetitionsOfAJobAreNotedOnceEachAndNotWithoutBound() throws Exception {
        JobOrigins origins = new JobOrigins(redis, states);
        assertThat(answer(origins.note(run, origin("d", 0)))).isEqualTo(Noted.UNKNOWN);
        answer(states.register(request(origin("d", 0)), "d", 0));

        for (int i = 0; i <= 16; i++) {
            assertThat(answer(origins.note(run, origin("d", i)))).isEqualTo(Noted.NOTED);
            assertThat(answer(origins.note(run, origin("d", i)))).isEqualTo(Noted.NOTED);
        }

        assertThat(answer(origins.note(run, origin("d", 17)))).isEqualTo(Noted.FULL);
        assertThat(answer(origins.close(run)))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, 16).mapToObj(i -> origin("d", i)).toList());
    }

    @Test
    void noRepetitionIsNotedOnceResultsGoOut() throws Exception {
        JobOrigins origins = new JobOrigins(redis, states);
        assertThat(answer(origins.close(run))).isEmpty();
        assertThat(answer(origins.note(run, origin("d", 1)))).isEqualTo(Noted.UNKNOWN);
        answer(states.register(request(origin("d", 0)), "d", 0));
        assertThat(answer(origins.close(run))).isEmpty();

        assertThat(answer(origins.note(run, origin("d", 1)))).isEqualTo(Noted.TOLD);
    }
}
