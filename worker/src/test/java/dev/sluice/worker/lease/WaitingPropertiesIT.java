package dev.sluice.worker.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.config.RedisConfig;
import dev.sluice.common.redis.Claim;
import dev.sluice.common.redis.FleetStates;
import dev.sluice.common.redis.FleetStates.Seen;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.Offer;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.redis.WorkerReport;
import dev.sluice.common.redis.WorkerReport.Load;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.NullUnmarked;

/// What is counted as waiting, against histories in which runs are made known, claimed, given up,
/// reaped, cancelled and ended, workers come and go, and Redis loses its data, in any order.
@NullUnmarked
class WaitingPropertiesIT {
    private static final int RUNS = 4;
    private static final int WORKERS = 2;
    private static final int ACTIONS = 11;
    static final int CHOICES = ACTIONS * RUNS * WORKERS - 1;

    private static EmbeddedRedis server;
    private static Redis redis;

    @BeforeContainer
    static void start() throws IOException {
        Path data = Files.createTempDirectory("waiting");
        server = EmbeddedRedis.start(data, 0, new RedisBinary.Bundled());
        redis =
                Redis.connect(
                        RedisConfig.of(server.url(), "test", Duration.ofSeconds(2)),
                        Clock.systemUTC());
    }

    @AfterContainer
    static void stop() {
        redis.close();
        server.close();
    }

    private static <T> T answer(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    /// Some runs of both lanes, and some workers.
    private static final class Story {
        private static final Duration MINUTE = Duration.ofMinutes(1);

        private final RunStates states = new RunStates(redis, MINUTE, MINUTE);
        private final Leases leases = new Leases(redis, states, MINUTE);
        private final List<RunRequest> runs = new ArrayList<>();
        private final Map<RunId, String[]> held = new HashMap<>();
        private final int[] incarnations = new int[WORKERS];
        private int claims;

        Story() throws Exception {
            answer(redis.commands().flushall());
            for (int i = 0; i < RUNS; i++) {
                runs.add(request(i % 2 == 0 ? Lane.INTERACTIVE : Lane.BATCH));
            }
        }

        private static RunRequest request(Lane lane) {
            return new RunRequest(
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
                    redis.now(),
                    redis.now().plus(MINUTE));
        }

        private String lease(int worker) {
            return "worker-" + worker + "." + incarnations[worker];
        }

        private static Offer offer(RunRequest run) {
            return new Offer(run.lane(), 0, 1);
        }

        void choose(int choice) throws Exception {
            RunRequest run = runs.get(choice / ACTIONS % RUNS);
            int worker = choice / ACTIONS / RUNS;
            switch (choice % ACTIONS) {
                case 0, 1 -> answer(states.register(run, "", 0));
                case 2, 3 -> claim(run, worker);
                case 4 -> abandon(run);
                case 5 -> end(run);
                case 6 -> die(worker);
                case 7 -> reap();
                case 8 -> {
                    if (worker == 0) {
                        answer(states.withdraw(run));
                    } else {
                        answer(states.cancel(run.run()));
                    }
                }
                case 9 -> answer(states.offered(run.run(), offer(run)));
                default -> loseData(worker == 0);
            }
        }

        private void claim(RunRequest run, int worker) throws Exception {
            Load none = new Load(0, 0, 0, 0, 0);
            answer(
                    leases.beat(
                            lease(worker),
                            "",
                            new WorkerReport("1", false, 1, 1, none, none, List.of())));
            String id = "claim-" + ++claims;
            if (answer(states.claim(run, offer(run), id, lease(worker), 100))
                    instanceof Claim.Granted) {
                held.put(run.run(), new String[] {id, lease(worker)});
            }
        }

        private void abandon(RunRequest run) throws Exception {
            String[] claim = held.remove(run.run());
            if (claim != null) {
                answer(leases.abandon(run.run(), claim[0], claim[1]));
            }
        }

        private void end(RunRequest run) throws Exception {
            String[] claim = held.remove(run.run());
            if (claim != null) {
                answer(states.end(run.run(), claim[0], claim[1], RunEntry.Status.COMPLETED, 9));
            }
        }

        /// The worker is not heard any more; where it comes back, it is under another lease.
        private void die(int worker) throws Exception {
            String lease = lease(worker);
            if (answer(redis.commands().zscore(states.leases(), lease)) != null) {
                answer(redis.commands().zadd(states.leases(), 1, lease));
            }
            held.values().removeIf(claim -> claim[1].equals(lease));
            incarnations[worker]++;
        }

        /// Does what a reaper does.
        private void reap() throws Exception {
            Optional<Leases.Taken> taken = answer(leases.take(false));
            if (taken.isEmpty()) {
                return;
            }
            String lease = taken.get().lease();
            for (RunId run : taken.get().runs()) {
                int attempt = answer(states.find(run)).map(RunEntry::attempt).orElse(0);
                answer(leases.release(lease, run, attempt));
            }
            answer(leases.release(lease));
        }

        /// Whoever has a run tells of it again, and the rest is read from the log; before that, or
        /// after it, clients go on.
        private void loseData(boolean rebuilt) throws Exception {
            answer(redis.commands().flushall());
            for (RunRequest run : runs) {
                String[] claim = held.get(run.run());
                if (claim != null) {
                    answer(states.restoreClaimed(run, offer(run), 1, claim[0], claim[1]));
                } else if (rebuilt) {
                    answer(states.restoreQueued(run, offer(run), 1, run.equals(runs.get(1))));
                }
            }
        }

        /// Nobody who lives has it, and somebody will find that out.
        private boolean leftBehind(RunRequest run, Map<String, String> entry) throws Exception {
            return "claimed".equals(entry.get("state"))
                    && !entry.containsKey("cancel")
                    && !held.containsKey(run.run())
                    && (answer(redis.commands().zscore(states.leases(), entry.get("worker")))
                                    != null
                            || answer(
                                            redis.commands()
                                                    .zscore(states.reaping(), entry.get("worker")))
                                    != null);
        }

        void assertCounted() throws Exception {
            int[] left = new int[2];
            for (RunRequest run : runs) {
                Map<String, String> entry = answer(redis.commands().hgetall(states.key(run.run())));
                boolean waits = "queued".equals(entry.get("state")) && !entry.containsKey("cancel");
                String[] sets = FleetStates.withWaiting(redis);
                boolean batch = run.lane() == Lane.BATCH;
                if (leftBehind(run, entry)) {
                    left[batch ? 1 : 0]++;
                }
                assertThat(
                                Stream.of(sets[0], sets[1])
                                        .filter(set ->
                                                redis.commands()
                                                                .zscore(set, run.run().value())
                                                                .toCompletableFuture()
                                                                .join()
                                                        != null))
                        .as("%s is counted in", entry)
                        .containsExactlyElementsOf(
                                waits ? List.of(sets[batch ? 1 : 0]) : List.of());
            }
            Seen seen = answer(new FleetStates(redis, states, MINUTE).look());
            assertThat(seen.queue(Lane.INTERACTIVE).leftBehind()).isEqualTo(left[0]);
            assertThat(seen.queue(Lane.BATCH).leftBehind()).isEqualTo(left[1]);
            assertThat(answer(redis.commands().zrange(states.leases(), 0, -1)))
                    .as("leases whose workers say something")
                    .containsAll(answer(redis.commands().hkeys(FleetStates.reports(redis))));
        }
    }

    @Property(tries = 300)
    void aRunIsCountedInItsLaneWhileNobodyHasItAndNobodyHasCancelledIt(
            @ForAll @Size(max = 60) List<@IntRange(max = CHOICES) Integer> choices)
            throws Exception {
        Story story = new Story();
        for (int choice : choices) {
            story.choose(choice);
            story.assertCounted();
        }
    }
}
