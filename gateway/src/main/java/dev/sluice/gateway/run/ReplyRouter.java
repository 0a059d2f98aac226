package dev.sluice.gateway.run;

import dev.sluice.common.journal.LogReader;
import dev.sluice.common.run.RunId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hands the replies of an event loop's partitions to the cursors of the runs that are watched
/// there. The partitions are its own share, on which its runs are, and any others for as long as
/// somebody watches a run on them. Confined to that event loop, but for what says otherwise.
public final class ReplyRouter {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyRouter.class);

    private final Context context;
    private final List<Integer> partitions;
    private final ReplyFollower follower;
    private final LogReader log;

    /// The cursors of each run: arrays that are replaced and never altered, because a cursor may
    /// end while a record is handed to it.
    private final Map<String, RunCursor[]> cursors = new HashMap<>();

    /// How many cursors stand on partitions other than its own.
    private final Map<Integer, Integer> visited = new HashMap<>();

    private int following;
    private int turn;

    ReplyRouter(Context context, List<Integer> partitions, ReplyFollower follower, LogReader log) {
        this.context = context;
        this.partitions = partitions;
        this.follower = follower;
        this.log = log;
    }

    /// A place for a new run's replies: a partition that is followed here, and a position there
    /// before which the run has no events.
    public record Place(int partition, long from) {}

    /// Where the next run's replies are to go.
    public Place nextPlace() {
        int partition = partitions.get(Math.floorMod(turn++, partitions.size()));
        return new Place(partition, follower.position(partition));
    }

    /// Follows a run from before it is published on. `sink` is given its events until the cursor is
    /// closed or the run has ended.
    public RunCursor follow(RunId run, Place place, RunSink sink) {
        return opened(run, place.partition(), Beginning.at(place.from()), sink, () -> {});
    }

    /// Attaches to a run wherever it is: reads its journal from the beginning given, and then
    /// follows it.
    ///
    /// @param end the offset of the run's terminal event, where it is known to have ended
    public RunCursor attach(
            RunId run, int partition, Beginning from, OptionalLong end, RunSink sink) {
        boolean visits = end.isEmpty() && !owns(partition);
        RunCursor cursor =
                opened(run, partition, from, sink, visits ? () -> leave(partition) : () -> {});
        cursor.fallBehind();
        if (end.isPresent()) {
            cursor.catchUp(end.getAsLong() + 1);
        } else if (visits) {
            visit(partition)
                    .onSuccess(cursor::catchUp)
                    .onFailure(failure -> {
                        LOG.atDebug()
                                .addKeyValue("partition", partition)
                                .setCause(failure)
                                .log("a partition is not followed");
                        cursor.breakOff();
                    });
        } else {
            cursor.catchUp(follower.position(partition));
        }
        return cursor;
    }

    private RunCursor opened(
            RunId run, int partition, Beginning from, RunSink sink, Runnable onEnd) {
        RunCursor[] opened = new RunCursor[1];
        RunCursor cursor =
                new RunCursor(
                        run,
                        partition,
                        from,
                        sink,
                        log,
                        context,
                        () -> {
                            remove(run, opened[0]);
                            onEnd.run();
                        });
        opened[0] = cursor;
        cursors.merge(
                run.value(),
                opened,
                (before, more) -> {
                    RunCursor[] all = Arrays.copyOf(before, before.length + 1);
                    all[before.length] = more[0];
                    return all;
                });
        following++;
        return cursor;
    }

    private void remove(RunId run, RunCursor cursor) {
        following--;
        cursors.computeIfPresent(run.value(), (_, all) -> without(all, cursor));
    }

    private static RunCursor @Nullable [] without(RunCursor[] all, RunCursor cursor) {
        RunCursor[] rest =
                Arrays.stream(all).filter(one -> one != cursor).toArray(RunCursor[]::new);
        return rest.length == 0 ? null : rest;
    }

    /// Has a partition of others followed for one cursor more. Answers from where on.
    private Future<Long> visit(int partition) {
        visited.merge(partition, 1, Integer::sum);
        return Future.fromCompletionStage(log.end(partition), context)
                .compose(end ->
                        visited.containsKey(partition)
                                ? Future.fromCompletionStage(
                                        follower.join(partition, end, this), context)
                                : Future.failedFuture("nobody wants it any more"));
    }

    private void leave(int partition) {
        if (visited.merge(partition, -1, Integer::sum) == 0) {
            visited.remove(partition);
            follower.leave(partition, this);
        }
    }

    /// Whether a partition is one of those on which its runs are.
    boolean owns(int partition) {
        return partitions.contains(partition);
    }

    /// Whether replies arrive at all. Where they do not, no run should be published.
    public boolean live() {
        return follower.following();
    }

    /// How many cursors there are.
    public int following() {
        return following;
    }

    /// Takes records that have arrived, from any thread; `done` is run when they were handed on.
    void arrived(List<ConsumerRecord<String, byte[]>> records, Runnable done) {
        context.runOnContext(_ -> {
            try {
                for (ConsumerRecord<String, byte[]> record : records) {
                    RunCursor[] watching = cursors.get(record.key());
                    if (watching != null) {
                        for (RunCursor cursor : watching) {
                            hand(record, cursor);
                        }
                    }
                }
            } finally {
                done.run();
            }
        });
    }

    /// What is wrong with one run must cost no other run its events.
    private static void hand(ConsumerRecord<String, byte[]> record, RunCursor cursor) {
        try {
            cursor.arrived(record.offset(), record.value());
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("runId", cursor.run())
                    .setCause(e)
                    .log("a reply could not be handed on");
            cursor.breakOff();
        }
    }
}
