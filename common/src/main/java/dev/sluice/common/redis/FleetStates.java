package dev.sluice.common.redis;

import dev.sluice.common.run.Json;
import dev.sluice.common.run.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// What Redis knows of the fleet: how many runs wait for a worker, and what the workers that live
/// said of themselves with their last beat. Safe for any thread; nothing blocks.
///
/// A run waits while no worker has it and nobody has cancelled it: from being made known to its
/// claim, and again from being given up to the next one. The scripts of [RunStates] keep count as
/// they go.
public final class FleetStates {
    private static final LuaScript FLEET = LuaScript.resource(FleetStates.class, "fleet.lua");
    private static final int OF_A_LANE = 3;
    private static final int OF_A_LEASE = 4;

    private final Redis redis;
    private final RunStates states;
    private final String longest;

    /// What is known of a fleet whose runs take `longest` at the most: whatever has waited for
    /// longer will not be begun.
    public FleetStates(Redis redis, RunStates states, Duration longest) {
        this.redis = redis;
        this.states = states;
        this.longest = String.valueOf(longest.toMillis());
    }

    /// The fleet at one moment.
    ///
    /// @param queues of every lane
    /// @param workers those whose leases nobody has ended yet
    public record Seen(Map<Lane, Queue> queues, List<Worker> workers) {
        public Seen {
            queues = Map.copyOf(queues);
            workers = List.copyOf(workers);
        }

        /// A lane's queue.
        public Queue queue(Lane lane) {
            return queues.getOrDefault(lane, Queue.EMPTY);
        }

        /// What the workers that live said.
        public Stream<WorkerReport> reports() {
            return workers.stream()
                    .filter(Worker::live)
                    .flatMap(worker -> Stream.ofNullable(worker.report()));
        }

        /// How many runs of a lane execute.
        public int executing(Lane lane) {
            return reports().mapToInt(report -> report.in(lane).executing()).sum();
        }

        /// How many claimed runs of a lane wait on a worker for a slot, or are being taken up.
        public int waitingOnWorkers(Lane lane) {
            return reports().mapToInt(report -> report.in(lane).waiting()).sum();
        }

        /// How many runs of a lane are at their very end: they have no slot any more, and their
        /// worker has yet to tell of it.
        public int ending(Lane lane) {
            return reports().mapToInt(report -> report.in(lane).ending()).sum();
        }

        /// How many slots the runs of a lane would take that are there: what waits, what a worker
        /// that is gone has left behind, and what executes.
        public long demand(Lane lane) {
            Queue queue = queue(lane);
            return queue.waiting() + queue.leftBehind() + waitingOnWorkers(lane) + executing(lane);
        }

        /// How many slots runs of a lane may take; those of the batch lane are among the others.
        public int slots(Lane lane) {
            return reports().mapToInt(report -> report.slotsOf(lane)).sum();
        }
    }

    /// The runs of a lane that no worker executes.
    ///
    /// @param waiting how many wait for a worker
    /// @param oldest for how long the first of these has; 0 where there is none
    /// @param leftBehind how many are a worker's that is gone, until another one offers them again
    public record Queue(long waiting, Duration oldest, long leftBehind) {
        private static final Queue EMPTY = new Queue(0, Duration.ZERO, 0);
    }

    /// A worker, or what is left of one.
    ///
    /// @param lease its lease, which names it
    /// @param live whether its lease has not run out
    /// @param heard how long ago its last beat was; null for one that does not say
    /// @param report what it said; null for one that says nothing that can be read here
    public record Worker(
            String lease, boolean live, @Nullable Duration heard, @Nullable WorkerReport report) {}

    /// Looks at it, in one round trip.
    public CompletionStage<Seen> look() {
        return FLEET.run(
                        redis.commands(),
                        new String[] {
                            waiting(redis, Lane.INTERACTIVE),
                            waiting(redis, Lane.BATCH),
                            states.leases(),
                            reports(redis),
                            states.reaping()
                        },
                        longest,
                        redis.key("run", ""),
                        states.runsOf(""))
                .thenApply(FleetStates::seen);
    }

    /// How many runs wait for a worker, in all lanes.
    public CompletionStage<Long> waiting() {
        return redis.commands()
                .zcard(waiting(redis, Lane.INTERACTIVE))
                .thenCombine(redis.commands().zcard(waiting(redis, Lane.BATCH)), Long::sum);
    }

    private static Seen seen(List<Object> answer) {
        Map<Lane, Queue> queues = new EnumMap<>(Lane.class);
        int at = 0;
        for (Lane lane : List.of(Lane.INTERACTIVE, Lane.BATCH)) {
            queues.put(
                    lane,
                    new Queue(
                            (Long) answer.get(at),
                            Duration.ofMillis((Long) answer.get(at + 1)),
                            (Long) answer.get(at + 2)));
            at += OF_A_LANE;
        }
        List<Worker> workers = new ArrayList<>();
        for (; at < answer.size(); at += OF_A_LEASE) {
            long heard = (Long) answer.get(at + 2);
            workers.add(
                    new Worker(
                            (String) answer.get(at),
                            (Long) answer.get(at + 1) == 1,
                            heard < 0 ? null : Duration.ofMillis(heard),
                            report((String) answer.get(at + 3))));
        }
        return new Seen(queues, workers);
    }

    private static @Nullable WorkerReport report(String said) {
        try {
            return said.isEmpty() ? null : Json.MAPPER.readValue(said, WorkerReport.class);
        } catch (JacksonException _) {
            return null;
        }
    }

    /// The key of the sorted set of the runs of a lane that wait, by since when (epoch ms).
    static String waiting(Redis redis, Lane lane) {
        return redis.key("waiting", lane.wireName());
    }

    /// These keys, and those of the sets of the runs that wait: of the interactive lane, and of the
    /// batch lane.
    public static String[] withWaiting(Redis redis, String... keys) {
        return Stream.concat(
                        Stream.of(keys),
                        Stream.of(waiting(redis, Lane.INTERACTIVE), waiting(redis, Lane.BATCH)))
                .toArray(String[]::new);
    }

    /// The key of the hash of what workers said of themselves, by their leases: when, in epoch
    /// milliseconds, a space, and a [WorkerReport] as JSON.
    public static String reports(Redis redis) {
        return redis.key("leases", "reports");
    }
}
