package dev.sluice.common.kafka;

import dev.sluice.common.StartException;
import dev.sluice.common.run.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Creates what is missing on the cluster and refuses what cannot work, when a process starts.
/// Blocks.
public final class TopicSetup {
    private static final Logger LOG = LoggerFactory.getLogger(TopicSetup.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration BROKERS_PATIENCE = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final int SEGMENTS = 4;
    private static final long LARGEST_SEGMENT = 1L << 30;
    private static final Duration SHORTEST_LOCK = Duration.ofSeconds(3);
    private static final Duration SHORTEST_HEARTBEAT = Duration.ofMillis(200);

    private final KafkaSettings settings;
    private final Topics topics;
    private final Admin admin;

    private TopicSetup(KafkaSettings settings, Topics topics, Admin admin) {
        this.settings = settings;
        this.topics = topics;
        this.admin = admin;
    }

    /// Sees to the topics that runs need and to the workers' share group.
    ///
    /// @return how many partitions the reply topic has
    /// @throws StartException naming the topic that cannot work, or the cluster that does not
    ///   answer
    public static int ensure(KafkaSettings settings, Topics topics) {
        try (Admin admin = Admin.create(settings.admin())) {
            return new TopicSetup(settings, topics, admin).ensure();
        } catch (RefusedException e) {
            throw new StartException(
                    "Kafka at %s does not let the topics of %s be set up: %s"
                            .formatted(
                                    settings.config().bootstrapServers(),
                                    topics.prefix(),
                                    e.getMessage()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while setting up topics", e);
        }
    }

    private int ensure() throws InterruptedException {
        int runs = settings.config().partitions().runs();
        int replies = settings.config().partitions().replies();
        // A run that is offered again is read from the runs topic: it is kept like the replies.
        Map<String, String> largeAndKept = large(settings.config().replyRetention());
        // Kafka drops whole segments only, and no record may be larger than one.
        long share = settings.config().replySize().bytes() / replies;
        long segment = Math.max(Math.min(LARGEST_SEGMENT, share / SEGMENTS), settings.maxRecord());
        Map<String, String> bounded = new HashMap<>(largeAndKept);
        bounded.put(TopicConfig.RETENTION_BYTES_CONFIG, String.valueOf(share));
        bounded.put(TopicConfig.SEGMENT_BYTES_CONFIG, String.valueOf(segment));
        List<NewTopic> wanted = new ArrayList<>();
        topics.runs().forEach(lane -> wanted.add(topic(lane, runs).configs(largeAndKept)));
        wanted.add(topic(topics.replies(), replies).configs(bounded));
        int jobs = settings.config().partitions().jobs();
        Map<String, String> ofJobs = large(settings.config().jobsRetention());
        wanted.add(topic(topics.jobs(), jobs).configs(ofJobs));
        wanted.add(topic(topics.results(), jobs).configs(ofJobs));
        wanted.add(topic(topics.deadLetter(), 1).configs(ofJobs));
        wanted.add(
                topic(topics.audit(), settings.config().partitions().audit())
                        .configs(large(settings.config().auditRetention())));
        wanted.add(
                topic(topics.control(), 1)
                        .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, "3600000")));
        create(wanted);
        Map<String, TopicDescription> found =
                awaitKnown(() ->
                        admin.describeTopics(wanted.stream().map(NewTopic::name).toList())
                                .allTopicNames());
        refuseUnfit(wanted);
        shareFromTheBeginning();
        return partitions(found, topics.replies());
    }

    /// Of a topic that takes the largest records and keeps them for so long.
    private Map<String, String> large(Duration retention) {
        return Map.of(
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                String.valueOf(settings.maxRecord()),
                TopicConfig.RETENTION_MS_CONFIG,
                String.valueOf(retention.toMillis()));
    }

    private NewTopic topic(String name, int partitions) {
        int factor = settings.config().replicationFactor();
        return new NewTopic(
                name,
                Optional.of(partitions),
                factor < 0 ? Optional.empty() : Optional.of((short) factor));
    }

    private void create(List<NewTopic> wanted) throws InterruptedException {
        Set<String> existing = await(admin.listTopics().names());
        List<NewTopic> missing =
                wanted.stream().filter(topic -> !existing.contains(topic.name())).toList();
        long end = System.nanoTime() + BROKERS_PATIENCE.toNanos();
        while (!missing.isEmpty()) {
            Map<String, KafkaFuture<Void>> created = admin.createTopics(missing).values();
            List<NewTopic> again = new ArrayList<>();
            for (NewTopic topic : missing) {
                if (!isThere(
                        topic.name(), Objects.requireNonNull(created.get(topic.name())), end)) {
                    again.add(topic);
                }
            }
            missing = again;
            if (!missing.isEmpty()) {
                Thread.sleep(PAUSE);
            }
        }
    }

    /// Whether a topic was created, by whomever. A cluster that starts, or is out of breath, may
    /// have too few brokers for a moment.
    private boolean isThere(String topic, KafkaFuture<Void> created, long end)
            throws InterruptedException {
        try {
            await(created);
            LOG.atInfo().addKeyValue("topic", topic).log("created topic");
            return true;
        } catch (RefusedException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return true;
            }
            if (!(e.getCause() instanceof InvalidReplicationFactorException)
                    || System.nanoTime() > end) {
                throw new StartException(
                        "topic %s cannot be created: %s".formatted(topic, e.getMessage()), e);
            }
            return false;
        }
    }

    private static int partitions(Map<String, TopicDescription> found, String topic) {
        TopicDescription description = found.get(topic);
        if (description == null) {
            throw new StartException("topic %s cannot be described".formatted(topic));
        }
        return description.partitions().size();
    }

    private void refuseUnfit(List<NewTopic> wanted) throws InterruptedException {
        List<ConfigResource> resources =
                wanted.stream()
                        .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic.name()))
                        .toList();
        Map<ConfigResource, Config> found =
                awaitKnown(() -> admin.describeConfigs(resources).all());
        for (int i = 0; i < resources.size(); i++) {
            Config config = Objects.requireNonNull(found.get(resources.get(i)));
            NewTopic topic = wanted.get(i);
            if (topic.configs().containsKey(TopicConfig.MAX_MESSAGE_BYTES_CONFIG)) {
                refuseSmallRecords(topic.name(), config);
            }
            if (topic.name().equals(topics.audit())) {
                refuseCompaction(topic.name(), config);
            }
        }
    }

    private void refuseSmallRecords(String topic, Config config) {
        long taken = number(config, TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Long.MAX_VALUE);
        if (taken < settings.maxRecord()) {
            throw new StartException(
                    "topic %s takes records of %s bytes, but gateway.max_body needs %d: raise its max.message.bytes, or lower gateway.max_body"
                            .formatted(topic, taken, settings.maxRecord()));
        }
    }

    /// All that happens in a run has one key.
    private static void refuseCompaction(String topic, Config config) {
        ConfigEntry policy = config.get(TopicConfig.CLEANUP_POLICY_CONFIG);
        if (policy != null
                && policy.value() != null
                && policy.value().contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
            throw new StartException(
                    "topic %s is compacted, which would lose most of what happens in a run: set its cleanup.policy to delete"
                            .formatted(topic));
        }
    }

    /// A new share group begins at the end of its topics, which would lose what was accepted before
    /// the first worker started. The lock is short, because a worker that is full may hold the lock
    /// of a record that it does not see. A new worker has its share of the topic with its second
    /// heartbeat, so these are quick. A record that was delivered too often is dropped, and a
    /// worker that dies before it has looked at it counts, so it may be delivered as often as
    /// brokers allow.
    private void shareFromTheBeginning() throws InterruptedException {
        Config broker = broker();
        long lock = atLeast(SHORTEST_LOCK, broker, "group.share.min.record.lock.duration.ms");
        long heartbeat =
                atLeast(SHORTEST_HEARTBEAT, broker, "group.share.min.heartbeat.interval.ms");
        long deliveries = number(broker, "group.share.max.delivery.count.limit", 0);
        Map<String, String> wanted = new HashMap<>();
        wanted.put("share.auto.offset.reset", "earliest");
        wanted.put("share.record.lock.duration.ms", String.valueOf(lock));
        wanted.put("share.heartbeat.interval.ms", String.valueOf(heartbeat));
        if (deliveries > 0) { // Brokers before 4.3 take no limit of a group's own.
            wanted.put("share.delivery.count.limit", String.valueOf(deliveries));
        }
        List<ConfigResource> groups =
                Arrays.stream(Lane.values())
                        .map(lane ->
                                new ConfigResource(ConfigResource.Type.GROUP, topics.workers(lane)))
                        .toList();
        for (ConfigResource group : groups) {
            configure(group, wanted);
        }
        for (ConfigResource group : groups) {
            awaitApplied(group, wanted);
        }
    }

    private void configure(ConfigResource group, Map<String, String> wanted)
            throws InterruptedException {
        List<AlterConfigOp> settings =
                wanted.entrySet().stream()
                        .map(entry -> set(entry.getKey(), entry.getValue()))
                        .toList();
        try {
            await(admin.incrementalAlterConfigs(Map.of(group, settings)).all());
        } catch (RefusedException e) {
            throw new StartException(
                    "share group %s cannot be configured (Kafka 4.2 or newer is needed): %s"
                            .formatted(group.name(), e.getMessage()),
                    e);
        }
    }

    /// Waits until the broker goes by these settings: a group that begins before that begins at the
    /// end.
    private void awaitApplied(ConfigResource group, Map<String, String> wanted)
            throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Config config = await(admin.describeConfigs(List.of(group)).all()).get(group);
            if (config != null
                    && wanted.entrySet().stream()
                            .allMatch(entry -> has(config, entry.getKey(), entry.getValue()))) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new StartException(
                        "share group %s does not take its settings".formatted(group.name()));
            }
            Thread.sleep(PAUSE);
        }
    }

    private static boolean has(Config config, String name, String value) {
        ConfigEntry entry = config.get(name);
        return entry != null && value.equals(entry.value());
    }

    /// The shortest duration that the brokers allow for a setting, but no less than `wanted`.
    private static long atLeast(Duration wanted, Config broker, String setting) {
        return Math.max(wanted.toMillis(), number(broker, setting, 0));
    }

    /// What one of the brokers is set to, for all of them.
    private Config broker() throws InterruptedException {
        String node =
                await(admin.describeCluster().nodes()).stream()
                        .findFirst()
                        .orElseThrow()
                        .idString();
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, node);
        return Objects.requireNonNull(
                awaitKnown(() -> admin.describeConfigs(List.of(broker)).all()).get(broker));
    }

    private static long number(Config config, String name, long otherwise) {
        ConfigEntry entry = config.get(name);
        return entry == null || entry.value() == null ? otherwise : Long.parseLong(entry.value());
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }

    /// Asks until it is answered: not every broker knows a topic from the moment of its creation.
    private <T> T awaitKnown(Supplier<KafkaFuture<T>> question) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return await(question.get());
            } catch (RefusedException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
                        || System.nanoTime() > end) {
                    throw e;
                }
            }
            Thread.sleep(PAUSE);
        }
    }

    private <T> T await(KafkaFuture<T> future) throws InterruptedException {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
                throw unreachable(e);
            }
            throw new RefusedException(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw unreachable(e);
        }
    }

    private StartException unreachable(Exception e) {
        return new StartException(
                "Kafka at %s does not answer: check kafka.bootstrap_servers, and that it runs"
                        .formatted(settings.config().bootstrapServers()),
                e);
    }

    private static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RefusedException(Throwable cause) {
            super(cause.getMessage(), cause);
        }
    }
}
