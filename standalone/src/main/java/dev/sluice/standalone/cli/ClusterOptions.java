package dev.sluice.standalone.cli;

import dev.sluice.common.StartException;
import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.kafka.KafkaSettings;
import dev.sluice.common.kafka.Topics;
import dev.sluice.standalone.app.Whereabouts;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/// The options `--config` and `--data` of a command that speaks to the Kafka of a Sluice that runs:
/// that which a configuration names, or that of `up`.
final class ClusterOptions {
    @ArgGroup private @Nullable Which which;

    private static final class Which {
        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "The configuration whose Kafka it is.")
        private @Nullable ReadableFile config;

        @Option(
                names = "--data",
                paramLabel = "DIR",
                description =
                        "The data folder of the `up` whose Kafka it is."
                                + " Default: the project's .sluice/data")
        private @Nullable DataFolder data;
    }

    /// A Sluice's cluster.
    record Cluster(KafkaSettings settings, Topics topics) {
        static Cluster of(SluiceConfig config) {
            return new Cluster(KafkaSettings.of(config), new Topics(config.kafka().topicPrefix()));
        }
    }

    /// What is done with a cluster.
    @FunctionalInterface
    interface Work {
        int with(Cluster cluster) throws InterruptedException;
    }

    /// Does it with the cluster that the options name; what fails says where that is.
    int on(Console console, Work work) throws InterruptedException {
        Cluster cluster = cluster(console);
        try {
            return work.with(cluster);
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            throw new StartException(
                    "Kafka at %s: %s"
                            .formatted(
                                    cluster.settings().config().bootstrapServers(), e.getMessage()),
                    e);
        }
    }

    /// The cluster that the options name.
    ///
    /// @throws dev.sluice.common.config.ConfigException with everything that is wrong with the file
    /// @throws dev.sluice.common.StartException where no `up` runs on the folder
    Cluster cluster(Console console) {
        if (which != null && which.config != null) {
            return Cluster.of(ConfigLoader.load(which.config.path(), console.environment()));
        }
        Whereabouts up =
                Whereabouts.read(
                        which == null || which.data == null
                                ? console.dataFolder()
                                : which.data.path());
        String kafka =
                "kafka: { bootstrap_servers: \"%s\", topic_prefix: \"%s\" }"
                        .formatted(up.bootstrapServers(), up.topicPrefix());
        return Cluster.of(ConfigLoader.parse(kafka, "up.json", Map.of()));
    }
}
