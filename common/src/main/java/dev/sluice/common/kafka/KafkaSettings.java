package dev.sluice.common.kafka;

import dev.sluice.common.config.KafkaConfig;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.run.Lane;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// The properties of Kafka clients. Those of the configuration file (TLS, SASL and so on) are laid
/// over ours, but for what the protocol of runs depends on.
///
/// @param maxRecord the largest value in bytes that clients must be able to send and fetch
public record KafkaSettings(KafkaConfig config, int maxRecord) {
    /// Room for an envelope's own fields, headers and the growth of a body by JSON escapes.
    private static final int OVERHEAD = 64 * 1024;

    /// A turn of a model may be as large as this whatever requests may be.
    private static final long LEAST_LARGEST = 4L << 20;

    /// A poll brings at most this part of the slots, and no more than a good handful: what it
    /// brings beyond the free slots waits on a worker while another may be idle.
    private static final int PART_OF_SLOTS = 4;

    private static final int MOST_RECORDS = 32;

    /// Who reads again wants a record here and there. A larger one comes whole all the same.
    private static final int REREAD_BYTES = 64 * 1024;

    /// A topic that is forgotten would have to be asked for again, which a producer that may not
    /// block cannot do. The producer adds this to the time of day, so it must leave room for that.
    private static final long NEVER_IDLE = Duration.ofDays(36_500).toMillis();

    /// Settings that fit requests of up to `maxBody` bytes.
    public static KafkaSettings forBodies(KafkaConfig config, long maxBody) {
        return new KafkaSettings(
                config, (int) Math.min(Integer.MAX_VALUE - OVERHEAD, maxBody * 2 + OVERHEAD));
    }

    /// Settings that fit the requests and the tool results that a configuration allows.
    public static KafkaSettings of(SluiceConfig config) {
        long largest =
                Math.max(
                        LEAST_LARGEST,
                        config.mcpServers().values().stream()
                                .mapToLong(server -> server.maxResultBytes().bytes())
                                .max()
                                .orElse(0));
        return forBodies(config.kafka(), Math.max(config.gateway().maxBody().bytes(), largest));
    }

    /// The most bytes that the value of a record may have, so that key and headers fit beside it.
    public int largestValue() {
        return maxRecord - 1024;
    }

    /// Properties of an admin client.
    public Map<String, Object> admin() {
        return client();
    }

    /// Properties of a producer that never blocks its caller: what cannot be buffered at once
    /// fails. Its metadata must be warmed up first, see [Producers].
    public Map<String, Object> producer() {
        Map<String, Object> properties = client();
        properties.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 10_000);
        properties.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        properties.putIfAbsent(
                ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max(64L << 20, 4L * maxRecord));
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, maxRecord);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0);
        properties.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, NEVER_IDLE);
        properties.put(
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName());
        properties.put(
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
        return properties;
    }

    /// The same for topics that others name: it forgets those to which nothing goes any more.
    public Map<String, Object> deliverer() {
        Map<String, Object> properties = producer();
        properties.remove(ProducerConfig.METADATA_MAX_IDLE_CONFIG);
        return properties;
    }

    /// The same for a producer whose caller may wait for a topic to be known, and for room.
    public Map<String, Object> patientProducer() {
        Map<String, Object> properties = producer();
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
        return properties;
    }

    /// The same for the audit stream, for which nobody waits: it gathers what comes for a moment,
    /// and has a buffer of its own, so that it takes none from what clients wait for.
    public Map<String, Object> auditor() {
        Map<String, Object> properties = producer();
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 25);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max(32L << 20, 2L * maxRecord));
        return properties;
    }

    /// Properties of a consumer that is assigned its partitions and belongs to no group.
    public Map<String, Object> follower() {
        Map<String, Object> properties = consumer();
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return properties;
    }

    /// The same for one whose partitions come and go: a fetch that waits for more holds up the
    /// first one of a partition that has just come, so it waits less.
    public Map<String, Object> visitor() {
        Map<String, Object> properties = follower();
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
        return properties;
    }

    /// Properties of a consumer that reads again what is in the log already. It never waits for
    /// more at the log's end: such a fetch would hold up the next one, somewhere else, for half a
    /// second.
    public Map<String, Object> rereader() {
        Map<String, Object> properties = follower();
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 0);
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, REREAD_BYTES);
        return properties;
    }

    /// Properties of a consumer that shares a topic's partitions with the other members of its
    /// group, from the topic's beginning on. It commits itself. Who is not heard for some seconds
    /// loses its partitions to the others.
    ///
    /// @param most how many records one poll brings at the most
    public Map<String, Object> member(String group, int most) {
        Map<String, Object> properties = follower();
        properties.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
        properties.putIfAbsent(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 2_000);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, most);
        properties.put(
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                CooperativeStickyAssignor.class.getName());
        return properties;
    }

    /// Properties of a consumer that shares a lane's runs with the other workers. One that is full
    /// for as long as its runs take stays a member, though it does not poll.
    ///
    /// @param slots how many runs of the lane the worker executes at once
    public Map<String, Object> sharer(Topics topics, Lane lane, int slots) {
        Map<String, Object> properties = consumer();
        properties.putIfAbsent(
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                Math.clamp(slots / PART_OF_SLOTS, 1, MOST_RECORDS));
        properties.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        properties.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
        properties.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, Integer.MAX_VALUE);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, topics.workers(lane));
        properties.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
        return properties;
    }

    private Map<String, Object> consumer() {
        Map<String, Object> properties = client();
        properties.putIfAbsent(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
        properties.putIfAbsent(
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Math.max(1 << 20, maxRecord));
        properties.put(
                ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName());
        properties.put(
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
                ByteArrayDeserializer.class.getName());
        return properties;
    }

    private Map<String, Object> client() {
        Map<String, Object> properties = new HashMap<>();
        config.properties().forEach((name, value) -> properties.put(name, value.reveal()));
        properties.putIfAbsent(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
        properties.putIfAbsent(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
        return properties;
    }
}
