package dev.sluice.embedded;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The settings of the embedded broker.
final class BrokerProperties {

    static final int NODE_ID = 1;

    private static final int MIB = 1 << 20;

    /// What one record may weigh with its headers: 16 MiB of content and room for the envelope.
    private static final int MAX_RECORD_BYTES = 17 * MIB;

    private static final Map<String, String> SINGLE_NODE =
            Map.ofEntries(
                    Map.entry("offsets.topic.replication.factor", "1"),
                    Map.entry("offsets.topic.num.partitions", "1"),
                    Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                    Map.entry("share.coordinator.state.topic.min.isr", "1"),
                    Map.entry("share.coordinator.state.topic.num.partitions", "1"),
                    Map.entry("transaction.state.log.replication.factor", "1"),
                    Map.entry("transaction.state.log.min.isr", "1"),
                    Map.entry("transaction.state.log.num.partitions", "1"),
                    Map.entry("auto.create.topics.enable", "false"));

    private static final Map<String, String> RECORD_SIZES =
            Map.ofEntries(
                    Map.entry("message.max.bytes", Integer.toString(MAX_RECORD_BYTES)),
                    Map.entry("replica.fetch.max.bytes", Integer.toString(MAX_RECORD_BYTES)),
                    Map.entry("fetch.max.bytes", Integer.toString(64 * MIB)),
                    Map.entry("socket.request.max.bytes", Integer.toString(64 * MIB)));

    /// Group members come and go in tests and on a laptop: no waiting for the slow network of a
    /// data centre. A share group's lock may be as short, and its delivery limit as high, as Kafka
    /// allows.
    private static final Map<String, String> GROUPS =
            Map.ofEntries(
                    Map.entry("group.initial.rebalance.delay.ms", "0"),
                    Map.entry("group.min.session.timeout.ms", "1000"),
                    Map.entry("group.consumer.min.session.timeout.ms", "1000"),
                    Map.entry("group.consumer.min.heartbeat.interval.ms", "100"),
                    Map.entry("group.share.assignment.interval.ms", "0"),
                    Map.entry("group.share.min.session.timeout.ms", "1000"),
                    Map.entry("group.share.min.heartbeat.interval.ms", "100"),
                    // A first member learns of its partitions only from its second heartbeat on.
                    Map.entry("group.share.heartbeat.interval.ms", "200"),
                    // A broker that was stopped while it set up the state of a new group takes that
                    // up again only after this; 30 s by default, in which no worker gets a run.
                    Map.entry("group.share.initialize.retry.interval.ms", "5000"),
                    Map.entry("group.share.min.record.lock.duration.ms", "1000"),
                    Map.entry("group.share.delivery.count.limit", "10"),
                    Map.entry("group.share.max.delivery.count.limit", "25"));

    private static final Map<String, String> SMALL_FOOTPRINT =
            Map.ofEntries(
                    Map.entry("num.network.threads", "2"),
                    Map.entry("num.io.threads", "4"),
                    Map.entry("num.recovery.threads.per.data.dir", "1"),
                    Map.entry("background.threads", "2"),
                    Map.entry("group.coordinator.threads", "1"),
                    Map.entry("log.cleaner.dedupe.buffer.size", Integer.toString(2 * MIB)),
                    Map.entry("log.segment.bytes", Integer.toString(128 * MIB)),
                    // Preallocated per segment; 1 MiB indexes 512 MiB of log.
                    Map.entry("log.index.size.max.bytes", Integer.toString(MIB)));

    /// After an unclean end the controller takes the broker for alive until its session runs out,
    /// and the restarted broker waits for that.
    private static final Map<String, String> RESTART =
            Map.ofEntries(
                    Map.entry("broker.session.timeout.ms", "2000"),
                    Map.entry("broker.heartbeat.interval.ms", "200"),
                    Map.entry("initial.broker.registration.timeout.ms", "30000"));

    private BrokerProperties() {}

    /// All properties of a broker on these ports with its logs in this folder; `overrides` win.
    static Map<String, String> of(
            Path folder, int clientsPort, int controllerPort, Map<String, String> overrides) {
        String clients = BrokerSockets.CLIENTS + "://127.0.0.1:" + clientsPort;
        String controller = BrokerSockets.CONTROLLER + "://127.0.0.1:" + controllerPort;
        var all = new HashMap<String, String>();
        all.put("process.roles", "broker,controller");
        all.put("node.id", Integer.toString(NODE_ID));
        // Static voters are read from here at every start and kept nowhere in the folder, so that
        // the controller may come back on any port.
        all.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
        all.put("listeners", clients + "," + controller);
        all.put("advertised.listeners", clients);
        all.put("controller.listener.names", BrokerSockets.CONTROLLER);
        all.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        all.put("log.dirs", folder.toString());
        all.putAll(SINGLE_NODE);
        all.putAll(RECORD_SIZES);
        all.putAll(GROUPS);
        all.putAll(SMALL_FOOTPRINT);
        all.putAll(RESTART);
        all.putAll(overrides);
        return Map.copyOf(all);
    }
}
