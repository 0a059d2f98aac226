package dev.sluice.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.ClosingStack;
import dev.sluice.common.audit.AuditLog;
import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.RedisConfig;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Producers;
import dev.sluice.common.kafka.TopicSetup;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunStates;
import dev.sluice.common.run.Control;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunCodec;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest;
import dev.sluice.embedded.EmbeddedKafka;
import dev.sluice.embedded.EmbeddedRedis;
import dev.sluice.embedded.RedisBinary;
import dev.sluice.worker.run.KeptInMemory;
import dev.sluice.worker.run.Model;
import dev.sluice.worker.run.RunEngine;
import dev.sluice.worker.run.Toolbox;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/// A real broker and a real Redis, topics of a test's own on them, and workers whose model is the
/// test's.
final class Fleet implements AutoCloseable {
    private static final int REPLIES = 2;

    private final ClosingStack opened = new ClosingStack();
    private final EmbeddedKafka broker;
    private final EmbeddedRedis server;

    Fleet(Path data) {
        broker = opened.opened(EmbeddedKafka.start(data.resolve("kafka"), 0));
        server =
                opened.opened(
                        EmbeddedRedis.start(data.resolve("redis"), 0, new RedisBinary.Bundled()));
    }

    /// Waits for what a fleet does by itself.
    static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20));
    }

    /// The one end of a run, which is the last of its replies.
    static RunEvent end(List<Reply> replies) {
        assertThat(replies).filteredOn(reply -> reply.event().terminal()).hasSize(1);
        return replies.getLast().event();
    }

    /// The port of Redis.
    int redisPort() {
        return server.port();
    }

    /// Topics, and keys in Redis, of their own.
    Room room(String prefix) {
        return new Room(prefix, Map.of());
    }

    /// The same for workers that claim up to so many runs with a poll, even for one free slot.
    Room greedyRoom(String prefix, int most) {
        return new Room(prefix, Map.of("max.poll.records", most));
    }

    @Override
    public void close() {
        opened.close();
    }

    /// One test's topics, and the workers on them.
    final class Room implements AutoCloseable {
        private final ClosingStack parts = new ClosingStack();
        private final SluiceConfig config;
        final KafkaSettings settings;
        final Redis redis;
        final RunStates states;
        final Topics topics;
        final MeterRegistry meters = new SimpleMeterRegistry();
        private final KafkaProducer<String, byte[]> producer;
        private final KafkaConsumer<String, byte[]> follower;
        private final List<Reply> read = new ArrayList<>();
        private int workers;

        private Room(String prefix, Map<String, Integer> properties) {
            topics = new Topics(prefix);
            config = config(4, 0.25, Duration.ofSeconds(10), prefix, properties);
            settings = KafkaSettings.of(config);
            redis = parts.opened(Redis.connect(config.redis(), Clock.systemUTC()));
            states = new RunStates(redis, config.gateway().runTimeout(), config.run().retention());
            TopicSetup.ensure(settings, topics);
            producer =
                    Producers.open(
                            settings,
                            List.of(
                                    topics.runs(Lane.INTERACTIVE),
                                    topics.runs(Lane.BATCH),
                                    topics.replies(),
                                    topics.deadLetter(),
                                    topics.audit(),
                                    topics.control()));
            parts.opened(producer);
            follower = new KafkaConsumer<>(settings.follower());
            parts.opened(follower);
            follower.assign(
                    IntStream.range(0, REPLIES)
                            .mapToObj(partition -> new TopicPartition(topics.replies(), partition))
                            .toList());
        }

        private SluiceConfig config(int slots, double share, Duration drain) {
            return config(slots, share, drain, topics.prefix(), Map.of());
        }

        private SluiceConfig config(
                int slots,
                double share,
                Duration drain,
                String prefix,
                Map<String, Integer> properties) {
            return ConfigLoader.parse(
                    """
                    providers: { provider: { kind: openai, base_url: "http://127.0.0.1:1" } }
                    agents: { agent: { provider: provider, model: model } }
                    kafka:
                      bootstrap_servers: %s
                      topic_prefix: %s
                      replication_factor: 1
                      partitions: { replies: %d }
                      properties: %s
                    redis: { url: "%s", key_prefix: %s }
                    worker: { concurrency: %d, batch_share: %s, drain_timeout: %dms }
                    """
                            .formatted(
                                    broker.bootstrapServers(),
                                    prefix,
                                    REPLIES,
                                    Json.MAPPER.writeValueAsString(properties),
                                    server.url(),
                                    prefix,
                                    slots,
                                    share,
                                    drain.toMillis()),
                    "test",
                    Map.of());
        }

        /// Starts a worker. Its number is part of what it is called: `worker-0` is the first.
        WorkerVerticle worker(int slots, Duration drain, Model model) throws Exception {
            return worker(slots, drain, model, redis, producer);
        }

        /// Starts a worker with a connection to Redis, or a producer, of its own.
        WorkerVerticle worker(
                int slots,
                Duration drain,
                Model model,
                Redis redis,
                Producer<String, byte[]> producer)
                throws Exception {
            return start(config(slots, 0.25, drain), model, redis, producer);
        }

        /// Starts a worker of whose slots batch runs have so large a share.
        WorkerVerticle worker(int slots, double share, Duration drain, Model model)
                throws Exception {
            return start(config(slots, share, drain), model, redis, producer);
        }

        private WorkerVerticle start(
                SluiceConfig own, Model model, Redis redis, Producer<String, byte[]> producer)
                throws Exception {
            WorkerVerticle worker =
                    new WorkerVerticle(
                            "worker-" + workers++,
                            own,
                            settings,
                            topics,
                            producer,
                            new AuditLog(
                                    producer,
                                    topics,
                                    settings.largestValue(),
                                    own.audit().includeContent()),
                            redis,
                            new RunEngine(
                                    own.agents(),
                                    _ -> model,
                                    _ -> () -> new Toolbox.Opened.Tools(List.of()),
                                    new KeptInMemory()),
                            meters,
                            Clock.systemUTC());
            worker.start();
            parts.opened(worker, WorkerVerticle::stop);
            return worker;
        }

        /// A connection to Redis through another address.
        Redis redisAt(String url) {
            return parts.opened(
                    Redis.connect(
                            RedisConfig.of(url, topics.prefix(), Duration.ofSeconds(1)),
                            Clock.systemUTC()));
        }

        /// What the workers of most tests are configured with.
        SluiceConfig config() {
            return config;
        }

        /// Properties of an admin client of the broker.
        Map<String, Object> admin() {
            return settings.admin();
        }

        /// The producer that the workers have.
        Producer<String, byte[]> producer() {
            return producer;
        }

        RunRequest request(Duration timeLeft) {
            return request(Lane.INTERACTIVE, timeLeft);
        }

        RunRequest request(Lane lane, Duration timeLeft) {
            return request(lane, redis.now().plus(timeLeft));
        }

        RunRequest request(Lane lane, Instant deadline) {
            return new RunRequest(
                    RunId.at(System.currentTimeMillis()),
                    "agent",
                    null,
                    List.of(Message.text(Message.Role.USER, "hello")),
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
                    deadline);
        }

        void offer(RunRequest request) throws Exception {
            send(topics.runs(request.lane()), request.run().value(), RunCodec.encode(request));
        }

        /// Offers runs one right after the other.
        void offerSideBySide(RunRequest... requests) throws Exception {
            for (RunRequest request : requests) {
                producer.send(
                                new ProducerRecord<>(
                                        topics.runs(request.lane()),
                                        request.run().value(),
                                        RunCodec.encode(request)))
                        .get(10, TimeUnit.SECONDS);
            }
        }

        /// Offers a run that has a minute.
        RunId offer() throws Exception {
            return offer(Lane.INTERACTIVE);
        }

        /// Offers a run of a lane that has a minute.
        RunId offer(Lane lane) throws Exception {
            RunRequest request = request(lane, Duration.ofMinutes(1));
            offer(request);
            return request.run();
        }

        void cancel(RunId run) throws Exception {
            states.cancel(run).toCompletableFuture().get(5, TimeUnit.SECONDS);
            send(topics.control(), run.value(), RunCodec.encode(new Control.Cancel(run)));
        }

        /// Offers a run and has it claimed under a lease that nobody renews.
        void claimedByTheDead(RunRequest request) throws Exception {
            RecordMetadata at =
                    producer.send(
                                    new ProducerRecord<>(
                                            topics.runs(request.lane()),
                                            request.run().value(),
                                            RunCodec.encode(request)))
                            .get(10, TimeUnit.SECONDS);
            redis.commands().zadd(states.leases(), 1, "dead").get(5, TimeUnit.SECONDS);
            states.claim(
                            request,
                            new RunEntry.Offer(request.lane(), at.partition(), at.offset()),
                            "claim-of-the-dead",
                            "dead",
                            3)
                    .toCompletableFuture()
                    .get(5, TimeUnit.SECONDS);
        }

        /// Does what a reaper does to a worker that was not heard.
        void takeLeaseOf(String lease) throws Exception {
            redis.commands().zrem(states.leases(), lease).get(5, TimeUnit.SECONDS);
            redis.commands()
                    .zadd(redis.key("leases", "reaping"), 1, lease)
                    .get(5, TimeUnit.SECONDS);
        }

        /// The keys of what is on the dead-letter topic.
        List<String> deadLetters() {
            return keys(topics.deadLetter());
        }

        /// The keys of what was ever offered in a lane.
        List<String> offers(Lane lane) {
            return keys(topics.runs(lane));
        }

        private List<String> keys(String topic) {
            try (KafkaConsumer<String, byte[]> reader = new KafkaConsumer<>(settings.rereader())) {
                TopicPartition only = new TopicPartition(topic, 0);
                reader.assign(List.of(only));
                reader.seekToBeginning(List.of(only));
                List<String> keys = new ArrayList<>();
                long end = reader.endOffsets(List.of(only)).getOrDefault(only, 0L);
                while (reader.position(only) < end) {
                    reader.poll(Duration.ofMillis(100)).forEach(record -> keys.add(record.key()));
                }
                return keys;
            }
        }

        /// Writes an event of a run that is nobody's here, as another worker would.
        void write(RunId run, int attempt, String claim, long seq, RunEvent event)
                throws Exception {
            Reply reply = new Reply(run, attempt, claim, seq, redis.now(), event);
            producer.send(
                            new ProducerRecord<>(
                                    topics.replies(), 0, run.value(), RunCodec.encode(reply)))
                    .get(10, TimeUnit.SECONDS);
        }

        void send(String topic, String key, byte @Nullable [] value)
                throws InterruptedException, ExecutionException, TimeoutException {
            producer.send(new ProducerRecord<>(topic, key, value)).get(10, TimeUnit.SECONDS);
        }

        /// All replies there are, of all runs.
        List<Reply> replies() {
            Map<TopicPartition, Long> ends = follower.endOffsets(follower.assignment());
            while (ends.entrySet().stream()
                    .anyMatch(end -> follower.position(end.getKey()) < end.getValue())) {
                follower.poll(Duration.ofMillis(100))
                        .forEach(record -> read.add(RunCodec.decodeReply(record.value())));
            }
            return List.copyOf(read);
        }

        List<Reply> replies(RunId run) {
            return replies().stream().filter(reply -> reply.run().equals(run)).toList();
        }

        /// How many runs have ended.
        long ended() {
            return replies().stream().filter(reply -> reply.event().terminal()).count();
        }

        @Override
        public void close() {
            parts.close();
        }
    }
}
