package dev.sluice.common.journal;

import dev.sluice.common.redis.RunEntry.StepOffset;
import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads one run's journal from the reply topic. Where its steps are known it reads those and what
/// follows the last of them; where that index is missing, or has a gap, it reads the partition from
/// the run's beginning on. Safe for any thread; nothing blocks.
public final class JournalReader {
    private static final Logger LOG = LoggerFactory.getLogger(JournalReader.class);

    private final Log log;

    /// A reader of the reply topic.
    public JournalReader(Log log) {
        this.log = log;
    }

    /// Reads a run's journal.
    ///
    /// @param from a position in the partition before which the run has no events
    /// @param index where its steps are, as far as it is known
    /// @param to the position up to which is read, which is not read any more
    public CompletionStage<History> read(
            RunId run, int partition, long from, List<StepOffset> index, long to) {
        List<Long> offsets =
                index.stream().map(StepOffset::offset).filter(offset -> offset < to).toList();
        if (offsets.isEmpty() || !isWhole(index)) {
            return readOn(new Reading(run, partition, to, new AttemptRule()), from);
        }
        return log.at(partition, offsets)
                .thenCompose(records -> {
                    @Nullable Reading indexed = indexed(run, partition, to, offsets, records);
                    return indexed == null
                            ? readOn(new Reading(run, partition, to, new AttemptRule()), from)
                            : readOn(indexed, offsets.getLast() + 1);
                });
    }

    /// Reads how a run ended that has no steps, where that is known: one record. Whatever else
    /// stands there, its whole journal is read.
    ///
    /// @param from a position in the partition before which the run has no events
    /// @param end where its terminal event is
    public CompletionStage<History> readEnd(RunId run, int partition, long from, long end) {
        return log.at(partition, List.of(end))
                .thenCompose(records -> {
                    @Nullable Reply reply =
                            records.isEmpty() ? null : decode(run, records.getFirst());
                    return reply != null && reply.event().terminal()
                            ? CompletableFuture.completedStage(
                                    new History(
                                            List.of(),
                                            List.of(),
                                            List.of(),
                                            new AttemptRule(),
                                            new History.End(reply, end)))
                            : read(run, partition, from, List.of(), end + 1);
                });
    }

    private static boolean isWhole(List<StepOffset> index) {
        for (int i = 0; i < index.size(); i++) {
            if (index.get(i).ordinal() != i + 1) {
                return false;
            }
        }
        return true;
    }

    /// What the index leads to; null if that is not the run's steps.
    private static @Nullable Reading indexed(
            RunId run,
            int partition,
            long to,
            List<Long> offsets,
            List<ConsumerRecord<String, byte[]>> records) {
        List<Reply> steps = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            @Nullable Reply reply = decode(run, record);
            if (reply == null
                    || !reply.event().step()
                    || (!steps.isEmpty() && reply.seq() <= steps.getLast().seq())) {
                return null;
            }
            steps.add(reply);
        }
        if (steps.size() != offsets.size()) {
            return null;
        }
        Reading reading = new Reading(run, partition, to, AttemptRule.after(steps.getLast()));
        steps.forEach(reading::note);
        reading.steps.addAll(steps);
        return reading;
    }

    private CompletionStage<History> readOn(Reading reading, long from) {
        if (from >= reading.to || reading.end != null) {
            return CompletableFuture.completedStage(reading.history());
        }
        return log.read(reading.partition, from, reading.to, reading.run)
                .thenCompose(chunk -> {
                    chunk.entries().forEach(reading::take);
                    return chunk.next() <= from
                            ? CompletableFuture.completedStage(reading.history())
                            : readOn(reading, chunk.next());
                });
    }

    private static @Nullable Reply decode(RunId run, ConsumerRecord<String, byte[]> record) {
        if (!run.value().equals(record.key())) {
            return null;
        }
        try {
            return RunCodec.decodeReply(record.value());
        } catch (RunCodec.UndecodableException e) {
            LOG.atError()
                    .addKeyValue("runId", run)
                    .addKeyValue("partition", record.partition())
                    .addKeyValue("offset", record.offset())
                    .log("a record on the reply topic is no reply");
            return null;
        }
    }

    /// A journal that is being read. Confined to one piece at a time.
    private static final class Reading {
        private final RunId run;
        private final int partition;
        private final long to;
        private final AttemptRule rule;
        private final List<Reply> steps = new ArrayList<>();
        private final List<Reply> open = new ArrayList<>();
        private final List<History.Attempt> attempts = new ArrayList<>();
        private History.@Nullable End end;

        Reading(RunId run, int partition, long to, AttemptRule rule) {
            this.run = run;
            this.partition = partition;
            this.to = to;
            this.rule = rule;
        }

        void take(ConsumerRecord<String, byte[]> record) {
            @Nullable Reply reply = decode(run, record);
            if (reply == null || !rule.counts(reply)) {
                return;
            }
            note(reply);
            RunEvent event = reply.event();
            if (event.step()) {
                steps.add(reply);
            }
            if (event.terminal()) {
                end = new History.End(reply, record.offset());
            }
            if (event.step() || event instanceof RunEvent.TurnReset) {
                open.clear();
            } else if (event.piece()) {
                open.add(reply);
            }
        }

        void note(Reply reply) {
            if (attempts.isEmpty() || attempts.getLast().number() < reply.attempt()) {
                var start =
                        reply.event() instanceof RunEvent.AttemptStarted started ? started : null;
                attempts.add(
                        new History.Attempt(
                                reply.attempt(),
                                start == null ? null : start.worker(),
                                reply.at(),
                                start == null || start.executes()));
            }
        }

        History history() {
            return new History(steps, open, attempts, rule, end);
        }
    }
}
