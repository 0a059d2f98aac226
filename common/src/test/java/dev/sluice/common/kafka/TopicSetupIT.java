package dev.sluice.common.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.StartException;
import dev.sluice.common.config.ByteSize;
import dev.sluice.common.config.KafkaConfig;
import dev.sluice.common.run.Lane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@NullUnmarked
class TopicSetupIT {
    @TempDir static Path data;
    private static Cluster cluster;
    private static Admin admin;

    @BeforeAll
    static void start() {
        cluster = Cluster.start(data);
        admin = Admin.create(cluster.settings().admin());
    }

    @AfterAll
    static void stop() {
        admin.close();
        cluster.close();
    }

    private static String value(ConfigResource.Type type, String name, String key)
            throws Exception {
        ConfigResource resource = new ConfigResource(type, name);
        return admin.describeConfigs(List.of(resource))
                .all()
                .get(10, TimeUnit.SECONDS)
                .get(resource)
                .get(key)
                .value();
    }

    private static int partitions(String topic) throws Exception {
        return admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get(10, TimeUnit.SECONDS)
                .get(topic)
                .partitions()
                .size();
    }

    @Test
    void whatIsMissingIsCreatedAndASecondTimeChangesNothing() throws Exception {
        Topics topics = new Topics("fresh");

        assertThat(TopicSetup.ensure(cluster.settings(), topics)).isEqualTo(5);
        assertThat(TopicSetup.ensure(cluster.settings(), topics)).isEqualTo(5);

        assertThat(partitions(topics.runs(Lane.INTERACTIVE))).isEqualTo(3);
        assertThat(partitions(topics.runs(Lane.BATCH))).isEqualTo(3);
        assertThat(partitions(topics.replies())).isEqualTo(5);
        assertThat(partitions(topics.control())).isEqualTo(1);
        assertThat(partitions(topics.audit())).isEqualTo(2);
        assertThat(partitions(topics.jobs())).isEqualTo(2);
        assertThat(partitions(topics.results())).isEqualTo(2);
        assertThat(partitions(topics.deadLetter())).isEqualTo(1);
        String size = String.valueOf(cluster.settings().maxRecord());
        for (String topic :
                List.of(
                        "fresh.runs.interactive",
                        "fresh.runs.batch",
                        topics.replies(),
                        topics.jobs(),
                        topics.results())) {
            assertThat(value(ConfigResource.Type.TOPIC, topic, "max.message.bytes"))
                    .isEqualTo(size);
        }
        assertThat(value(ConfigResource.Type.TOPIC, topics.replies(), "retention.ms"))
                .isEqualTo("7200000");
        assertThat(value(ConfigResource.Type.TOPIC, topics.replies(), "retention.bytes"))
                .isEqualTo(String.valueOf((1L << 30) / 5));
        assertThat(value(ConfigResource.Type.TOPIC, topics.replies(), "segment.bytes"))
                .isEqualTo(String.valueOf((1L << 30) / 5 / 4));
        assertThat(value(ConfigResource.Type.TOPIC, topics.audit(), "retention.ms"))
                .isEqualTo(String.valueOf(3 * 24 * 3_600_000));
        assertThat(value(ConfigResource.Type.TOPIC, topics.audit(), "max.message.bytes"))
                .isEqualTo(size);
    }

    @ParameterizedTest
    @CsvSource({"INTERACTIVE, group.workers", "BATCH, group.workers.batch"})
    void eachLanesShareGroupBeginsAtTheBeginningWithAShortLock(Lane lane, String group)
            throws Exception {
        Topics topics = new Topics("group");

        TopicSetup.ensure(cluster.settings(), topics);

        assertThat(topics.workers(lane)).isEqualTo(group);
        assertThat(value(ConfigResource.Type.GROUP, group, "share.auto.offset.reset"))
                .isEqualTo("earliest");
        assertThat(value(ConfigResource.Type.GROUP, group, "share.record.lock.duration.ms"))
                .isEqualTo("3000");
        assertThat(value(ConfigResource.Type.GROUP, group, "share.delivery.count.limit"))
                .isEqualTo("25");
    }

    @Test
    void severalProcessesMaySetUpAtOnce() {
        Topics topics = new Topics("together");
        Collection<Integer> partitions =
                java.util.stream.Stream.generate(() -> 0)
                        .limit(4)
                        .map(_ ->
                                java.util.concurrent.CompletableFuture.supplyAsync(
                                        () -> TopicSetup.ensure(cluster.settings(), topics),
                                        command -> Thread.ofPlatform().start(command)))
                        .toList()
                        .stream()
                        .map(java.util.concurrent.CompletableFuture::join)
                        .toList();

        assertThat(partitions).containsOnly(5).hasSize(4);
    }

    @Test
    void theReplyTopicsOwnPartitionsCount() throws Exception {
        Topics topics = new Topics("older");
        admin.createTopics(
                        List.of(
                                new NewTopic(topics.replies(), Optional.of(2), Optional.empty())
                                        .configs(Map.of("max.message.bytes", "16777216"))))
                .all()
                .get(10, TimeUnit.SECONDS);

        assertThat(TopicSetup.ensure(cluster.settings(), topics)).isEqualTo(2);
    }

    @Test
    void aTopicThatTakesOnlySmallRecordsIsRefusedByName() throws Exception {
        Topics topics = new Topics("small");
        admin.createTopics(
                        List.of(
                                new NewTopic(topics.replies(), Optional.of(1), Optional.empty())
                                        .configs(Map.of("max.message.bytes", "1000"))))
                .all()
                .get(10, TimeUnit.SECONDS);

        assertThatThrownBy(() -> TopicSetup.ensure(cluster.settings(), topics))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("topic small.replies takes records of 1000 bytes")
                .hasMessageContaining(String.valueOf(cluster.settings().maxRecord()))
                .hasMessageContaining("max.message.bytes");
    }

    @Test
    void aReplicationFactorThatTheClusterCannotGiveIsRefusedByTopic() {
        KafkaConfig three =
                new KafkaConfig(
                        cluster.settings().config().bootstrapServers(),
                        Map.of(),
                        "unused",
                        3,
                        new KafkaConfig.Partitions(1, 1, 1, 1),
                        Duration.ofHours(2),
                        new ByteSize(1L << 30),
                        Duration.ofDays(1),
                        Duration.ofDays(1));

        assertThatThrownBy(() ->
                        TopicSetup.ensure(
                                KafkaSettings.forBodies(three, Cluster.MAX_BODY),
                                new Topics("three")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("topic three.")
                .hasMessageContaining("cannot be created");
    }

    @Test
    void aClusterThatIsAwayIsNamed() throws Exception {
        KafkaSettings nowhere = Cluster.nowhere();

        assertThatThrownBy(() -> TopicSetup.ensure(nowhere, new Topics("away")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(nowhere.config().bootstrapServers())
                .hasMessageContaining("kafka.bootstrap_servers");
    }
}
