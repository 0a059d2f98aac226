package dev.sluice.standalone.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.config.ByteSize;
import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class OverlayTest {
    private static final SluiceConfig GIVEN =
            ConfigLoader.parse(
                    """
                    gateway: { port: 9000, max_waiting: 7, run_timeout: 5m }
                    worker: { concurrency: 3, port: 9001 }
                    kafka:
                      bootstrap_servers: "cluster:9092"
                      properties: { security.protocol: SASL_SSL }
                      topic_prefix: team
                      replication_factor: 3
                    redis: { url: "rediss://cluster:6379", username: u, password: p, key_prefix: team }
                    log: { level: debug }
                    """,
                    "sluice.yaml",
                    Map.of());

    private static SluiceConfig overlaid(OptionalInt port, long space) {
        return Overlay.of(GIVEN, "127.0.0.1:1", "redis://127.0.0.1:2", port, space);
    }

    @Test
    void theEmbeddedServersStandInForThoseOfTheFile() {
        SluiceConfig config = overlaid(OptionalInt.empty(), 1L << 40);

        assertThat(config.kafka().bootstrapServers()).isEqualTo("127.0.0.1:1");
        assertThat(config.kafka().properties()).isEmpty();
        assertThat(config.kafka().replicationFactor()).isEqualTo(1);
        assertThat(config.redis().url().reveal()).isEqualTo("redis://127.0.0.1:2");
        assertThat(config.redis().username()).isNull();
        assertThat(config.redis().password()).isNull();
        assertThat(config.worker().port()).isZero();
    }

    @Test
    void everythingElseStaysAsTheFileSays() {
        SluiceConfig config = overlaid(OptionalInt.empty(), 1L << 40);

        assertThat(config.gateway()).isEqualTo(GIVEN.gateway());
        assertThat(config.worker().concurrency()).isEqualTo(3);
        assertThat(config.kafka().topicPrefix()).isEqualTo("team");
        assertThat(config.redis().keyPrefix()).isEqualTo("team");
        assertThat(config.log()).isEqualTo(GIVEN.log());
    }

    @Test
    void aPortOfTheCommandLineWins() {
        SluiceConfig config = overlaid(OptionalInt.of(0), 1L << 40);

        assertThat(config.gateway().port()).isZero();
        assertThat(config.gateway().maxWaiting()).isEqualTo(7);
    }

    @Test
    void theReplyLogTakesHalfOfWhatIsFreeAtTheMost() {
        assertThat(overlaid(OptionalInt.empty(), 1L << 40).kafka().replySize())
                .isEqualTo(GIVEN.kafka().replySize());
        assertThat(overlaid(OptionalInt.empty(), 2L << 30).kafka().replySize())
                .isEqualTo(new ByteSize(1L << 30));
        assertThat(overlaid(OptionalInt.empty(), 0).kafka().replySize())
                .isEqualTo(new ByteSize(64L << 20));
    }
}
