package dev.sluice.embedded;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server$;
import kafka.server.SharedServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.fault.FaultHandler;
import org.apache.kafka.server.fault.FaultHandlerException;
import org.apache.kafka.server.quota.ControllerMutationQuota;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A Kafka broker with its KRaft controller, in this JVM, listening on 127.0.0.1.
///
/// Its data stays in a folder that it locks; a later start on that folder finds every topic, record
/// and committed offset again, on whatever port. Topics are not created by use. Records up to 16
/// MiB are accepted.
///
/// [KafkaRaftServer][kafka.server.KafkaRaftServer] is not used as a whole, because its fault
/// handlers halt the JVM they run in and its ports are chosen before they are bound; this class
/// assembles the same parts.
public final class EmbeddedKafka implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);

    private final DataFolder folder;
    private final BrokerSockets sockets;
    private final ControllerServer controller;
    private final BrokerServer broker;
    private final String bootstrapServers;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EmbeddedKafka(DataFolder folder, BrokerSockets sockets, Map<String, String> overrides) {
        this.folder = folder;
        this.sockets = sockets;
        var config =
                new KafkaConfig(
                        BrokerProperties.of(
                                folder.path(),
                                sockets.clientsPort(),
                                sockets.controllerPort(),
                                overrides),
                        false);
        var opened = KafkaRaftServer.initializeLogDirs(config, LOG, "");
        var shared =
                new SharedServer(
                        config,
                        opened._1(),
                        Time.SYSTEM,
                        Server$.MODULE$.initializeMetrics(
                                config, Time.SYSTEM, opened._1().clusterId().orElseThrow()),
                        CompletableFuture.completedFuture(
                                QuorumConfig.parseVoterConnections(config.quorumConfig().voters())),
                        List.of(),
                        EmbeddedKafka::faultHandler,
                        sockets);
        this.controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), opened._2());
        this.broker = new BrokerServer(shared);
        this.bootstrapServers = "127.0.0.1:" + sockets.clientsPort();
    }

    /// Starts a broker and returns when it serves.
    ///
    /// @param data its folder; created and formatted where it is new
    /// @param port the clients' port, 0 for a free one
    /// @throws EmbeddedStartException if the folder is in use, the port is taken or Kafka fails
    public static EmbeddedKafka start(Path data, int port) {
        return start(data, port, Map.of());
    }

    /// Starts a broker with further broker properties, which win over its own.
    ///
    /// @param data its folder; created and formatted where it is new
    /// @param port the clients' port, 0 for a free one
    /// @param overrides broker properties by Kafka's names
    /// @throws EmbeddedStartException if the folder is in use, the port is taken or Kafka fails
    public static EmbeddedKafka start(Path data, int port, Map<String, String> overrides) {
        DataFolder folder = DataFolder.lock(data);
        BrokerSockets sockets;
        try {
            sockets = BrokerSockets.bind(port);
        } catch (EmbeddedStartException e) {
            folder.close();
            throw e;
        }
        EmbeddedKafka kafka;
        try {
            format(folder.path());
            kafka = new EmbeddedKafka(folder, sockets, overrides);
        } catch (Exception e) {
            sockets.close();
            folder.close();
            throw failed(folder, e);
        }
        try {
            kafka.controller.startup();
            kafka.broker.startup();
            kafka.prepareShareGroups();
            return kafka;
        } catch (Exception e) {
            // Scala throws checked exceptions without declaring them.
            kafka.close();
            throw failed(folder, e);
        }
    }

    /// Has the broker create the topic of share groups' state, which it does by itself only when
    /// the first group needs it; that group then tries again after one second and after two more,
    /// in which none of its members gets a record. Does not wait.
    private void prepareShareGroups() {
        String topic = Topic.SHARE_GROUP_STATE_TOPIC_NAME;
        if (!broker.metadataCache().contains(topic)) {
            broker.autoTopicCreationManager()
                    .createTopics(
                            Set.of(topic),
                            ControllerMutationQuota.UNBOUNDED_CONTROLLER_MUTATION_QUOTA);
        }
    }

    /// The address for a client's `bootstrap.servers`.
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /// The port clients connect to.
    public int port() {
        return sockets.clientsPort();
    }

    /// Stops the broker cleanly, in well under a second, and frees the port and the folder. Further
    /// calls do nothing.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try (folder;
                    sockets) {
                broker.shutdown();
                controller.shutdown();
                broker.awaitShutdown();
                controller.awaitShutdown();
            }
        }
    }

    private static void format(Path folder) throws Exception {
        if (Files.exists(folder.resolve("meta.properties"))) {
            return;
        }
        new Formatter()
                .setPrintStream(
                        new PrintStream(
                                OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setClusterId(Uuid.randomUuid().toString())
                .setNodeId(BrokerProperties.NODE_ID)
                .setDirectories(List.of(folder.toString()))
                .setMetadataLogDirectory(folder.toString())
                .setControllerListenerName(BrokerSockets.CONTROLLER)
                .run();
    }

    private static EmbeddedStartException failed(DataFolder folder, Exception cause) {
        return new EmbeddedStartException(
                "Kafka did not start on data folder " + folder.path() + ": " + cause.getMessage(),
                cause);
    }

    /// Kafka's own handler halts the JVM; this one leaves the process to its owner.
    private static FaultHandler faultHandler(String part, boolean fatal, Runnable action) {
        return (message, cause) -> {
            LOG.atError()
                    .addKeyValue("part", part)
                    .addKeyValue("fatal", fatal)
                    .addKeyValue("fault", message)
                    .setCause(cause)
                    .log("The embedded Kafka met a fault");
            action.run();
            return new FaultHandlerException(part + ": " + message, cause);
        };
    }
}
