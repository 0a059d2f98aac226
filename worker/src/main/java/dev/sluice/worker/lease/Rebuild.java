package dev.sluice.worker.lease;

import dev.sluice.common.audit.AuditCodec;
import dev.sluice.common.audit.AuditEvent;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.Offer;
import dev.sluice.common.redis.RunEntry.StepOffset;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import io.lettuce.core.SetArgs;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.DisconnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes Redis know again, from the log, what it knew of runs before it lost its data: once in an
/// epoch, by whichever worker comes first, after those that live have told of theirs. Confined to
/// the reaper's thread.
public final class Rebuild {
    private static final Logger LOG = LoggerFactory.getLogger(Rebuild.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration HOLD = Duration.ofSeconds(20);

    /// How far the clocks of two workers may be apart.
    private static final Duration SKEW = Duration.ofMinutes(1);

    private final Redis redis;
    private final RunStates states;
    private final Topics topics;
    private final Supplier<Consumer<String, byte[]>> consumers;
    private final Duration longest;
    private final Clock clock;
    private final String busy;
    private String done = "";

    /// @param consumers makes a consumer that reads again what is in the log
    /// @param longest how long a run may take
    public Rebuild(
            Redis redis,
            RunStates states,
            Topics topics,
            Supplier<Consumer<String, byte[]>> consumers,
            Duration longest,
            Clock clock) {
        this.redis = redis;
        this.states = states;
        this.topics = topics;
        this.consumers = consumers;
        this.longest = longest;
        this.clock = clock;
        this.busy = redis.key("epoch", "rebuilding");
    }

    /// A run of which Redis knows nothing, and what the log says of it.
    private static final class Lost {
        private final AttemptRule rule = new AttemptRule();
        private final List<StepOffset> steps = new ArrayList<>();
        private Offer offer;
        private RunRequest request;
        private RunEntry.State.@Nullable Ended end;
        private RunEntry.State.@Nullable Ended told;
        private boolean trimmed;

        Lost(Offer offer, RunRequest request) {
            this.offer = offer;
            this.request = request;
        }

        void take(Reply reply, long offset) {
            if (!rule.counts(reply)) {
                return;
            }
            if (reply.event().step()) {
                steps.add(new StepOffset(steps.size() + 1, offset));
            }
            if (reply.event().terminal()) {
                end =
                        new RunEntry.State.Ended(
                                RunEntry.Status.of(reply.event()), offset, reply.at());
            }
        }

        /// Takes what the audit stream says of an end: of this run's, not of one that had its id
        /// before.
        void take(AuditRecord record) {
            if (told == null
                    && record.event() instanceof AuditEvent.RunEnded ended
                    && isAfterItsBeginning(ended.journal().partition(), ended.journal().offset())) {
                told =
                        new RunEntry.State.Ended(
                                ended.status(), ended.journal().offset(), record.at());
            }
        }

        /// Whether a record may be of this run's journal.
        boolean isAfterItsBeginning(int partition, long offset) {
            return partition == request.replyPartition() && offset >= request.journalFrom();
        }

        /// From which attempt on it goes on. What the log has forgotten of it may have been one.
        int attempt() {
            int seen = Math.max(request.attemptFloor(), rule.attempt());
            return trimmed ? Math.max(1, seen) : seen;
        }
    }

    /// Rebuilds what is missing unless that was done in this epoch.
    void unlessDone(String epoch)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (epoch.equals(done)) {
            return;
        }
        String marker = states.rebuiltEpoch();
        if (!epoch.equals(await(redis.commands().get(marker)))) {
            String mine =
                    await(
                            redis.commands()
                                    .set(busy, epoch, SetArgs.Builder.nx().px(HOLD.toMillis())));
            if (mine == null) {
                return;
            }
            try {
                rebuild(Long.parseLong(epoch.substring(0, epoch.indexOf(':'))));
                await(redis.commands().set(marker, epoch));
            } finally {
                redis.commands().del(busy);
            }
        }
        done = epoch;
    }

    /// @param lostAt when the loss was noticed, in epoch milliseconds
    private void rebuild(long lostAt)
            throws InterruptedException, ExecutionException, TimeoutException {
        int offered = 0;
        Map<RunId, Lost> lost;
        try (Consumer<String, byte[]> consumer = consumers.get()) {
            lost = missing(offered(consumer, lostAt));
            readJournals(consumer, lost);
            readAudit(consumer, lost);
        }
        for (Lost run : lost.values()) {
            holdOn();
            if (restore(run)) {
                offered++;
            }
        }
        if (!lost.isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("runs", lost.size())
                    .addKeyValue("offered", offered)
                    .log("rebuilt from the log what Redis had lost");
        }
    }

    /// The runs that may have been under way when the data was lost, each with its last offer.
    /// Redis may have been away for long by then, with nothing accepted: so their age is counted
    /// from the last offer before, and doubled, for what was accepted meanwhile.
    private Map<RunId, Lost> offered(Consumer<String, byte[]> consumer, long lostAt) {
        Map<RunId, Lost> runs = new LinkedHashMap<>();
        for (Lane lane : Lane.values()) {
            Map<TopicPartition, Long> from =
                    since(
                            consumer,
                            topics.runs(lane),
                            partition ->
                                    lastBefore(consumer, partition, lostAt)
                                            - 2 * longest.toMillis());
            scan(consumer, from, record -> offer(lane, record, runs));
        }
        return runs;
    }

    private static Map<TopicPartition, Long> since(
            Consumer<String, byte[]> consumer, String topic, ToLongFunction<TopicPartition> time) {
        Map<TopicPartition, Long> from = new HashMap<>();
        for (PartitionInfo info : consumer.partitionsFor(topic)) {
            TopicPartition partition = new TopicPartition(info.topic(), info.partition());
            OptionalLong first = offsetAt(consumer, partition, time.applyAsLong(partition));
            first.ifPresent(offset -> from.put(partition, offset));
        }
        return from;
    }

    /// The time of the last record before `time`, or that where there is none.
    private long lastBefore(
            Consumer<String, byte[]> consumer, TopicPartition partition, long time) {
        long end = end(consumer, partition);
        long last = offsetAt(consumer, partition, time).orElse(end) - 1;
        if (last < 0) {
            return time;
        }
        long[] before = {time};
        scan(
                consumer,
                Map.of(partition, last),
                Map.of(partition, last + 1),
                record -> before[0] = Math.min(time, record.timestamp()));
        return before[0];
    }

    private static long end(Consumer<String, byte[]> consumer, TopicPartition partition) {
        return Objects.requireNonNull(consumer.endOffsets(List.of(partition)).get(partition));
    }

    private static OptionalLong offsetAt(
            Consumer<String, byte[]> consumer, TopicPartition partition, long time) {
        @Nullable OffsetAndTimestamp first =
                consumer.offsetsForTimes(Map.of(partition, time)).get(partition);
        return first == null ? OptionalLong.empty() : OptionalLong.of(first.offset());
    }

    private static void offer(
            Lane lane, ConsumerRecord<String, byte[]> record, Map<RunId, Lost> runs) {
        RunRequest request;
        try {
            request = RunCodec.decodeRequest(record.value()).withoutContent();
        } catch (RunCodec.UndecodableException e) {
            return;
        }
        Offer offer = new Offer(lane, record.partition(), record.offset());
        Lost known = runs.get(request.run());
        if (known == null) {
            runs.put(request.run(), new Lost(offer, request));
        } else {
            known.offer = offer;
            known.request = request;
        }
    }

    private Map<RunId, Lost> missing(Map<RunId, Lost> runs)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<RunId, CompletionStage<Boolean>> known = new HashMap<>();
        for (RunId run : runs.keySet()) {
            known.put(run, redis.commands().hexists(states.key(run), "state"));
        }
        Map<RunId, Lost> missing = new LinkedHashMap<>();
        for (Map.Entry<RunId, Lost> run : runs.entrySet()) {
            if (!await(Objects.requireNonNull(known.get(run.getKey())))) {
                missing.put(run.getKey(), run.getValue());
            }
        }
        return missing;
    }

    private void readJournals(Consumer<String, byte[]> consumer, Map<RunId, Lost> lost) {
        Map<TopicPartition, Long> from = new HashMap<>();
        for (Lost run : lost.values()) {
            from.merge(
                    new TopicPartition(topics.replies(), run.request.replyPartition()),
                    run.request.journalFrom(),
                    Math::min);
        }
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(from.keySet());
        for (Lost run : lost.values()) {
            var partition = new TopicPartition(topics.replies(), run.request.replyPartition());
            run.trimmed = beginnings.getOrDefault(partition, 0L) > run.request.journalFrom();
        }
        Map<String, Lost> byKey = byKey(lost);
        scan(
                consumer,
                from,
                record -> {
                    Lost run = byKey.get(record.key());
                    if (run != null
                            && run.isAfterItsBeginning(record.partition(), record.offset())) {
                        try {
                            run.take(RunCodec.decodeReply(record.value()), record.offset());
                        } catch (RunCodec.UndecodableException e) {
                            LOG.atError()
                                    .addKeyValue("runId", record.key())
                                    .log("a record on the reply topic is no reply");
                        }
                    }
                });
    }

    private static Map<String, Lost> byKey(Map<RunId, Lost> lost) {
        Map<String, Lost> byKey = new HashMap<>();
        lost.forEach((run, it) -> byKey.put(run.value(), it));
        return byKey;
    }

    /// Which ends the audit stream knows: whoever made another may have died before it said so.
    /// Where the stream is away the journals have to do, but for those that the log has forgotten,
    /// and but for jobs, whose results hang on the stream.
    private void readAudit(Consumer<String, byte[]> consumer, Map<RunId, Lost> lost) {
        if (lost.isEmpty()) {
            return;
        }
        long first =
                lost.values().stream()
                        .mapToLong(run -> run.request.acceptedAt().minus(SKEW).toEpochMilli())
                        .min()
                        .orElse(Long.MAX_VALUE);
        Map<String, Lost> byKey = byKey(lost);
        try {
            scan(
                    consumer,
                    since(consumer, topics.audit(), _ -> first),
                    record -> {
                        Lost run = byKey.get(record.key());
                        if (run != null && AuditCodec.ends(record.headers())) {
                            readEnd(record).ifPresent(run::take);
                        }
                    });
        } catch (KafkaException e) {
            if (lost.values().stream().anyMatch(run -> run.trimmed)) {
                throw e;
            }
            LOG.atWarn()
                    .setCause(e)
                    .log("the audit stream cannot be read: journals say what ended");
            lost.values().stream()
                    .filter(run -> run.told == null && run.request.job() == null)
                    .forEach(run -> run.told = run.end);
        }
    }

    /// An end that this version cannot read is told again.
    private static Optional<AuditRecord> readEnd(ConsumerRecord<String, byte[]> record) {
        try {
            return AuditCodec.decode(record.value());
        } catch (AuditCodec.MalformedException e) {
            LOG.atWarn()
                    .addKeyValue("runId", record.key())
                    .setCause(e)
                    .log("an end on the audit topic cannot be read");
            return Optional.empty();
        }
    }

    private void scan(
            Consumer<String, byte[]> consumer,
            Map<TopicPartition, Long> from,
            java.util.function.Consumer<ConsumerRecord<String, byte[]>> take) {
        if (!from.isEmpty()) {
            scan(consumer, from, consumer.endOffsets(from.keySet()), take);
        }
    }

    private void scan(
            Consumer<String, byte[]> consumer,
            Map<TopicPartition, Long> from,
            Map<TopicPartition, Long> ends,
            java.util.function.Consumer<ConsumerRecord<String, byte[]>> take) {
        consumer.assign(from.keySet());
        from.forEach(consumer::seek);
        long patience = System.nanoTime() + PATIENCE.toNanos();
        while (ends.entrySet().stream()
                .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
            records.forEach(take);
            holdOn();
            if (!records.isEmpty()) {
                patience = System.nanoTime() + PATIENCE.toNanos();
            } else if (System.nanoTime() > patience) {
                throw new DisconnectException("nothing comes of " + from.keySet());
            }
        }
    }

    private void holdOn() {
        redis.commands().pexpire(busy, HOLD.toMillis());
    }

    /// Makes Redis know a run again. Returns whether it is to be offered again, which is the
    /// reaper's to do: one that has ended untold, too, whose end the next attempt tells.
    private boolean restore(Lost run)
            throws InterruptedException, ExecutionException, TimeoutException {
        int attempt = run.attempt();
        if (run.told != null) {
            Duration ago = Duration.between(run.told.at(), clock.instant());
            await(states.restoreEnded(run.request, run.offer, attempt, run.told, ago, run.steps));
            return false;
        }
        return await(
                states.restoreQueued(run.request, run.offer, attempt, run.rule.cancelRequested()));
    }

    private static <T> T await(CompletionStage<T> stage)
            throws InterruptedException, ExecutionException, TimeoutException {
        return stage.toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }
}
