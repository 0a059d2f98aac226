package dev.sluice.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT {

    @TempDir Path data;

    @Test
    void aRestartOnOtherPortsFindsTheTopicsAndRecordsAgain() throws Exception {
        int firstPort;
        try (var kafka = EmbeddedKafka.start(data, 0)) {
            firstPort = kafka.port();
            KafkaClients.createTopic(kafka.bootstrapServers(), "t");
            KafkaClients.send(kafka.bootstrapServers(), "t", "kept".getBytes(UTF_8));
        }
        // Taken, so that the restart cannot come back on the same port by chance.
        try (var _ = new ServerSocket(firstPort, 1, InetAddress.ofLiteral("127.0.0.1"));
                var kafka = EmbeddedKafka.start(data, 0)) {
            assertThat(kafka.port()).isNotEqualTo(firstPort);
            assertThat(KafkaClients.readAll(kafka.bootstrapServers(), "t")).containsExactly("kept");
        }
    }

    @Test
    void aClosedBrokerStartsAgainOnItsOwnPort() throws Exception {
        var first = EmbeddedKafka.start(data, 0);
        KafkaClients.createTopic(first.bootstrapServers(), "t");
        first.close();
        first.close();
        try (var second = EmbeddedKafka.start(data, first.port())) {
            assertThat(second.bootstrapServers()).isEqualTo(first.bootstrapServers());
            KafkaClients.send(second.bootstrapServers(), "t", "after".getBytes(UTF_8));
            assertThat(KafkaClients.readAll(second.bootstrapServers(), "t"))
                    .containsExactly("after");
        }
    }

    @Test
    void aRecordOfSixteenMebibytesIsAccepted() throws Exception {
        try (var kafka = EmbeddedKafka.start(data, 0)) {
            KafkaClients.createTopic(kafka.bootstrapServers(), "t");
            KafkaClients.send(kafka.bootstrapServers(), "t", new byte[16 << 20]);
            assertThat(KafkaClients.readAllBytes(kafka.bootstrapServers(), "t"))
                    .extracting(value -> value.length)
                    .containsExactly(16 << 20);
        }
    }

    @Test
    void topicsAreNotCreatedByUse() {
        try (var kafka = EmbeddedKafka.start(data, 0)) {
            assertThatThrownBy(() ->
                            KafkaClients.send(kafka.bootstrapServers(), "unknown", new byte[0]))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("not present in metadata");
        }
    }

    @Test
    void theStateOfShareGroupsHasItsTopicBeforeThereIsAGroup() {
        try (var kafka = EmbeddedKafka.start(data, 0);
                var admin = KafkaClients.admin(kafka.bootstrapServers())) {
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(
                                            admin.listTopics(
                                                            new ListTopicsOptions()
                                                                    .listInternal(true))
                                                    .names()
                                                    .get(10, TimeUnit.SECONDS))
                                    .contains("__share_group_state"));
        }
    }

    @Test
    void furtherPropertiesWinOverOurOwn() throws Exception {
        try (var kafka = EmbeddedKafka.start(data, 0, Map.of("message.max.bytes", "4242"));
                var admin = KafkaClients.admin(kafka.bootstrapServers())) {
            var broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
            Config config =
                    admin.describeConfigs(List.of(broker))
                            .values()
                            .values()
                            .iterator()
                            .next()
                            .get(10, TimeUnit.SECONDS);
            assertThat(config.get("message.max.bytes").value()).isEqualTo("4242");
            assertThat(config.get("group.share.delivery.count.limit").value()).isEqualTo("10");
        }
    }

    @Test
    void aFolderInUseIsRefusedByName() {
        try (var _ = EmbeddedKafka.start(data, 0)) {
            assertThatThrownBy(() -> EmbeddedKafka.start(data, 0))
                    .isInstanceOf(EmbeddedStartException.class)
                    .hasMessageContaining(data.toString())
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void aTakenPortIsRefusedAndTheFolderIsFreeAgain() throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assertThatThrownBy(() -> EmbeddedKafka.start(data, other.getLocalPort()))
                    .isInstanceOf(EmbeddedStartException.class)
                    .hasMessage(
                            "Kafka cannot listen on 127.0.0.1:"
                                    + other.getLocalPort()
                                    + ": Address already in use");
        }
        DataFolder.lock(data).close();
    }

    @Test
    void aPropertyThatKafkaRefusesIsAStartErrorAndNotTheEndOfTheProcess() {
        assertThatThrownBy(() -> EmbeddedKafka.start(data, 0, Map.of("num.io.threads", "0")))
                .isInstanceOf(EmbeddedStartException.class)
                .hasMessageContaining("num.io.threads");
        EmbeddedKafka.start(data, 0).close();
    }

    @Test
    void aFaultInTheMiddleOfTheStartIsAnErrorAndNotTheEndOfTheProcess() {
        Map<String, String> unknownPolicy =
                Map.of("create.topic.policy.class.name", "no.such.Policy");
        assertThatThrownBy(() -> EmbeddedKafka.start(data, 0, unknownPolicy))
                .isInstanceOf(EmbeddedStartException.class)
                .hasMessageContaining(data.toString());
        EmbeddedKafka.start(data, 0).close();
    }
}
