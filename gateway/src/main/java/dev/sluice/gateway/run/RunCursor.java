package dev.sluice.gateway.run;

import dev.sluice.common.journal.ForgottenException;
import dev.sluice.common.journal.Log;
import dev.sluice.common.journal.LogReader;
import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a client stands in its run's events. Confined to one event loop.
///
/// As a rule it follows: the router hands it each record as it arrives. When its sink has no room
/// it falls behind: it lets records pass, and once there is room again reads on from the log where
/// it stood, until it has caught up with the router. So one slow client costs a bounded buffer and
/// slows nobody. A client that attaches to a run that is under way begins in the same way.
public final class RunCursor {
    private static final Logger LOG = LoggerFactory.getLogger(RunCursor.class);

    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final RunId run;
    private final int partition;
    private final RunSink sink;
    private final LogReader log;
    private final Context context;
    private final Runnable onEnd;
    private final AttemptRule rule;
    private long next;
    private long passed = -1;
    private boolean behind;
    private boolean reading;
    private boolean closed;

    RunCursor(
            RunId run,
            int partition,
            Beginning from,
            RunSink sink,
            LogReader log,
            Context context,
            Runnable onEnd) {
        this.run = run;
        this.partition = partition;
        this.rule = from.rule();
        this.next = from.offset();
        this.sink = sink;
        this.log = log;
        this.context = context;
        this.onEnd = onEnd;
    }

    /// The run it stands in.
    public RunId run() {
        return run;
    }

    /// Ends it: the sink is given nothing more.
    public void close() {
        if (!closed) {
            closed = true;
            onEnd.run();
        }
    }

    /// Ends it because what follows would not be the whole: the sink is told.
    void breakOff() {
        if (!closed) {
            close();
            sink.broken();
        }
    }

    /// Lets records pass until it is told how far it is to catch up.
    void fallBehind() {
        behind = true;
        reading = true;
    }

    /// Reads from the log what stands before `position`, from which on records arrive.
    void catchUp(long position) {
        passed = Math.max(passed, position - 1);
        again();
    }

    /// Takes a record that has just arrived.
    void arrived(long offset, byte[] value) {
        if (behind) {
            passed = Math.max(passed, offset);
        } else if (offset >= next) {
            take(offset, value);
        }
    }

    /// Reads on after the sink had no room. To be called when it has room again.
    public void resume() {
        if (behind && !reading && !closed) {
            reading = true;
            Future.fromCompletionStage(log.read(partition, next, run), context)
                    .onSuccess(this::handOn)
                    .onFailure(this::unreadable);
        }
    }

    private void unreadable(Throwable failure) {
        if (failure instanceof ForgottenException) {
            if (!closed) {
                close();
                sink.forgotten();
            }
            return;
        }
        LOG.atWarn()
                .addKeyValue("runId", run)
                .setCause(failure)
                .log("a stream cannot catch up yet");
        context.owner().setTimer(AGAIN.toMillis(), _ -> again());
    }

    private void again() {
        reading = false;
        resume();
    }

    /// Whether it reads from the log instead of following.
    public boolean behind() {
        return behind;
    }

    private void handOn(Log.Chunk chunk) {
        reading = false;
        if (closed) {
            return;
        }
        try {
            caughtUp(chunk);
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("runId", run)
                    .setCause(e)
                    .log("a reply could not be handed on");
            breakOff();
        }
    }

    private void caughtUp(Log.Chunk chunk) {
        behind = false;
        for (ConsumerRecord<String, byte[]> entry : chunk.entries()) {
            if (closed || behind) {
                return;
            }
            take(entry.offset(), entry.value());
        }
        if (closed || behind) {
            return;
        }
        next = chunk.next();
        if (next <= passed) {
            behind = true;
            resume();
        }
    }

    private void take(long offset, byte[] value) {
        next = offset + 1;
        Reply reply;
        try {
            reply = RunCodec.decodeReply(value);
        } catch (RunCodec.UndecodableException e) {
            LOG.atError()
                    .addKeyValue("runId", run)
                    .addKeyValue("partition", partition)
                    .addKeyValue("offset", offset)
                    .log("a record on the reply topic is no reply");
            return;
        }
        if (!rule.counts(reply)) {
            return;
        }
        sink.take(reply, offset);
        if (rule.ended()) {
            close();
        } else if (!sink.hasRoom()) {
            behind = true;
        }
    }
}
