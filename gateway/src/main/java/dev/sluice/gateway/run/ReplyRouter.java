package dev.sluice.gateway.run;

import dev.sluice.common.journal.LogReader;
import dev.sluice.common.run.RunId;
import io.vertx.core.Context;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hands the replies of an event loop's partitions to the cursors of the runs that wait there.
/// Confined to that event loop, but for what says otherwise.
public final class ReplyRouter {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyRouter.class);

    private final Context context;
    private final List<Integer> partitions;
    private final ReplyFollower follower;
    private final LogReader log;
    private final Map<String, RunCursor> cursors = new HashMap<>();
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
        RunCursor cursor =
                new RunCursor(
                        run,
                        place.partition(),
                        place.from(),
                        sink,
                        log,
                        context,
                        () -> cursors.remove(run.value()));
        cursors.put(run.value(), cursor);
        return cursor;
    }

    /// Whether replies arrive at all. Where they do not, no run should be published.
    public boolean live() {
        return follower.following();
    }

    /// How many runs are followed here.
    public int following() {
        return cursors.size();
    }

    /// Takes records that have arrived, from any thread; `done` is run when they were handed on.
    void arrived(List<ConsumerRecord<String, byte[]>> records, Runnable done) {
        context.runOnContext(_ -> {
            try {
                for (ConsumerRecord<String, byte[]> record : records) {
                    RunCursor cursor = cursors.get(record.key());
                    if (cursor != null) {
                        hand(record, cursor);
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
