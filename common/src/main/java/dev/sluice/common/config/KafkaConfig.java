package dev.sluice.common.config;

import dev.sluice.common.config.binding.Checks;
import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;
import java.time.Duration;
import java.util.Map;

/// The Kafka cluster and Sluice's topics on it.
@Doc("The Kafka cluster and Sluice's topics on it.")
public record KafkaConfig(
        @Doc("Where the cluster is: `host:port`, several with commas.") @Default("127.0.0.1:9092")
                String bootstrapServers,
        @Doc(
                        "Properties of every Kafka client, by the client's own names: TLS, SASL and"
                                + " whatever else the cluster wants.")
                Map<String, Secret> properties,
        @Doc("What the names of topics and groups begin with.") @Default("sluice")
                String topicPrefix,
        @Doc("The replication factor of topics that Sluice creates; -1 takes the broker's default.")
                @Default("-1")
                int replicationFactor,
        @Default("{}") Partitions partitions,
        @Doc("How long the reply log is kept. It must outlast the longest run.") @Default("24h")
                Duration replyRetention,
        @Doc(
                        "How large the reply log may grow, all its partitions together. Beyond that"
                                + " its oldest part goes before its time, and runs under way that"
                                + " began there fail. Takes effect when the topic is created.")
                @Default("16GiB")
                ByteSize replySize,
        @Doc(
                        "How long the audit stream is kept, which says which runs have ended where Redis"
                                + " lost its data. Takes effect when the topic is created.")
                @Default("7d")
                Duration auditRetention,
        @Doc(
                        "How long jobs, results and dead letters are kept. A job that nobody has taken"
                                + " by then is lost. Takes effect when the topics are created.")
                @Default("7d")
                Duration jobsRetention) {

    /// The fewest bytes that each partition of the reply log must have room for.
    public static final long SMALLEST_PARTITION = 1L << 20;

    /// Partitions of the topics that Sluice creates.
    @Doc("Partitions of the topics that Sluice creates.")
    public record Partitions(
            @Doc(
                            "Of the runs topics. One is right: every worker shares it. Kafka gives each"
                                    + " of several to some of the workers only, and a run then waits"
                                    + " though others are idle.")
                    @Default("1")
                    int runs,
            @Doc("Of the reply topic.") @Default("64") int replies,
            @Doc("Of the audit topic.") @Default("8") int audit,
            @Doc("Of the jobs topic and of the results topic.") @Default("8") int jobs) {
        public Partitions {
            new Checks()
                    .that(runs >= 1 && runs <= 10_000, "runs", "must be between 1 and 10000")
                    .that(
                            replies >= 1 && replies <= 10_000,
                            "replies",
                            "must be between 1 and 10000")
                    .that(audit >= 1 && audit <= 10_000, "audit", "must be between 1 and 10000")
                    .that(jobs >= 1 && jobs <= 10_000, "jobs", "must be between 1 and 10000")
                    .done();
        }
    }

    public KafkaConfig {
        properties = FileOrder.copy(properties);
        new Checks()
                .that(
                        bootstrapServers.matches("[^,\\s]+:\\d+(,\\s*[^,\\s]+:\\d+)*"),
                        "bootstrap_servers",
                        "must be host:port, several separated by commas")
                .that(
                        topicPrefix.matches("[a-zA-Z0-9._-]{1,100}"),
                        "topic_prefix",
                        "must be letters, digits, '.', '_' or '-', 100 at the most")
                .that(
                        replicationFactor == -1 || replicationFactor >= 1,
                        "replication_factor",
                        "must be 1 or more, or -1 for the broker's default")
                .that(
                        replyRetention.compareTo(Duration.ofMinutes(1)) >= 0,
                        "reply_retention",
                        "must be 1m or longer")
                .that(
                        replySize.bytes() >= SMALLEST_PARTITION * partitions.replies(),
                        "reply_size",
                        "must be 1MiB or more for each of the %d reply partitions"
                                .formatted(partitions.replies()))
                .that(
                        auditRetention.compareTo(Duration.ofMinutes(1)) >= 0,
                        "audit_retention",
                        "must be 1m or longer")
                .that(
                        jobsRetention.compareTo(Duration.ofMinutes(1)) >= 0,
                        "jobs_retention",
                        "must be 1m or longer")
                .done();
    }
}
