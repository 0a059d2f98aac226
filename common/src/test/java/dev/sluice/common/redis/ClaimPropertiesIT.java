package dev.sluice.common.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.redis.RunEntry.Offer;
import dev.sluice.common.redis.RunEntry.StepOffset;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/// The claim script against histories in which workers claim, make progress, die, come back under
/// another lease, end runs and ask twice, and clients make runs known, take them back and cancel
/// them, in any order.
@NullUnmarked
class ClaimPropertiesIT {
    private static final int WORKERS = 3;
    private static final int MAX_CRASHES = 4;

    private static EmbeddedRedis server;
    private static Redis redis;

    @BeforeContainer
    static void start() throws IOException {
        Path data = Files.createTempDirectory("claims");
        server = EmbeddedRedis.start(data, 0, new RedisBinary.Bundled());
        redis = Redis.connect(RedisConfigs.of(server.url()), Clock.systemUTC());
    }

    @AfterContainer
    static void stop() {
        redis.close();
        server.close();
    }

    private static <T> T answer(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    /// One run, its claimants, and what they may expect.
    private static final class Story {
        private final RunStates states =
                new RunStates(redis, Duration.ofMinutes(1), Duration.ofMinutes(1));
        private final RunRequest request;
        private final int[] incarnations = new int[WORKERS];
        private final Set<Integer> attempts = new HashSet<>();
        private int claims;
        private int highest;
        private int crashes;
        private boolean ended;
        private boolean cancelled;
        private @Nullable String holder;
        private @Nullable String claim;

        Story(Lane lane) {
            request =
                    new RunRequest(
                            RunId.at(1),
                            "agent",
                            null,
                            List.of(),
                            List.of(),
                            Map.of(),
                            Map.of(),
                            RunRequest.OnDisconnect.CANCEL,
                            false,
                            lane,
                            0,
                            0,
                            0,
                            Instant.EPOCH,
                            redis.now().plusSeconds(60));
        }

        private String lease(int worker) {
            return request.run() + "-" + worker + "." + incarnations[worker];
        }

        void choose(int choice) throws Exception {
            int worker = choice % WORKERS;
            switch (choice / 10) {
                case 0, 1, 2, 3 -> claim(worker);
                case 4, 5, 6 -> die(worker);
                case 7 -> progress();
                case 8 -> askAgain();
                case 9 -> end(choice % 2 == 0);
                case 10 -> answer(states.register(request, "", 0));
                case 11 -> answer(states.withdraw(request));
                default -> cancelled |= answer(states.cancel(request.run()));
            }
        }

        /// A run is counted as waiting as long as nobody has it and nobody has cancelled it.
        void assertCounted() throws Exception {
            Map<String, String> entry = answer(redis.commands().hgetall(states.key(request.run())));
            Double since =
                    answer(
                            redis.commands()
                                    .zscore(
                                            FleetStates.waiting(redis, request.lane()),
                                            request.run().value()));
            assertThat(since != null)
                    .as("%s waits", entry)
                    .isEqualTo("queued".equals(entry.get("state")) && !entry.containsKey("cancel"));
        }

        private void begin(int worker) throws Exception {
            answer(redis.commands().zadd(states.leases(), 1e15, lease(worker)));
        }

        private Claim ask(String claimId, String lease) throws Exception {
            return answer(
                    states.claim(
                            request, new Offer(request.lane(), 0, 1), claimId, lease, MAX_CRASHES));
        }

        private void claim(int worker) throws Exception {
            String mine = "claim-" + ++claims;
            begin(worker);
            switch (ask(mine, lease(worker))) {
                case Claim.Granted granted -> {
                    assertThat(ended).as("an ended run is granted").isFalse();
                    assertThat(holder).as("the run of one who lives is granted").isNull();
                    assertThat(granted.attempt()).isGreaterThan(highest);
                    assertThat(attempts.add(granted.attempt())).isTrue();
                    switch (granted) {
                        case Claim.Poison _ ->
                                assertThat(crashes).isGreaterThanOrEqualTo(MAX_CRASHES);
                        case Claim.Cancelled _ -> assertThat(cancelled).isTrue();
                        case Claim.Execute _, Claim.Expired _ ->
                                assertThat(crashes).isLessThan(MAX_CRASHES);
                    }
                    highest = granted.attempt();
                    holder = lease(worker);
                    claim = mine;
                }
                case Claim.Refused _ ->
                        assertThat(ended || holder != null).as("a free run is refused").isTrue();
                case Claim.NoLease _ -> throw new AssertionError("the lease has just begun");
            }
        }

        /// A reaper takes the lease; the worker, should it live, begins another.
        private void die(int worker) throws Exception {
            answer(redis.commands().zrem(states.leases(), lease(worker)));
            assertThat(ask("claim-of-the-dead", lease(worker))).isEqualTo(new Claim.NoLease());
            if (lease(worker).equals(holder)) {
                holder = null;
                crashes++;
            }
            incarnations[worker]++;
        }

        private void progress() throws Exception {
            if (holder != null && claim != null) {
                answer(states.step(request.run(), claim, new StepOffset(1, 5)));
                crashes = 0;
            }
        }

        private void askAgain() throws Exception {
            if (holder != null && claim != null) {
                assertThat(ask(claim, holder))
                        .isInstanceOfSatisfying(
                                Claim.Granted.class,
                                same -> assertThat(same.attempt()).isEqualTo(highest));
            }
        }

        /// The end of whoever holds the run counts; one by a claim that was lost does not.
        private void end(boolean stale) throws Exception {
            String by = stale ? "claim-0" : claim;
            if (by != null && (stale || holder != null)) {
                answer(
                        states.end(
                                request.run(),
                                by,
                                holder == null ? "nobody" : holder,
                                RunEntry.Status.COMPLETED,
                                9));
                ended |= !stale;
                holder = ended ? null : holder;
            }
        }
    }

    @Property(tries = 200)
    void aRunIsHeldByOneWorkerAtATimeAndItsAttemptsOnlyRise(
            @ForAll Lane lane, @ForAll @Size(max = 40) List<@IntRange(max = 129) Integer> choices)
            throws Exception {
        Story story = new Story(lane);
        for (int choice : choices) {
            story.choose(choice);
            story.assertCounted();
        }
    }
}
