package dev.sluice.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.RunRequest.OnDisconnect;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What each record is when the file says nothing but what it must.
class RecordDefaultsTest {
    private static final ToolFilter ALL_TOOLS = new ToolFilter(List.of(), List.of());
    private static final ByteSize KIB_256 = new ByteSize(256 * 1024);

    @Test
    void file() {
        SluiceConfig config = parse("");

        assertThat(config.providers()).isEmpty();
        assertThat(config.mcpServers()).isEmpty();
        assertThat(config.agents()).isEmpty();
        assertThat(config.keys()).isEmpty();
    }

    @Test
    void provider() {
        String yaml = "providers: { p: { kind: openai, base_url: http://h } }";

        assertThat(parse(yaml).providers().get("p"))
                .isEqualTo(
                        new ProviderConfig(
                                ProviderConfig.Kind.OPENAI,
                                URI.create("http://h"),
                                null,
                                Map.of(),
                                new ProviderConfig.Timeouts(
                                        Duration.ofSeconds(5),
                                        Duration.ofMinutes(3),
                                        Duration.ofMinutes(2),
                                        Duration.ofMinutes(10)),
                                new ProviderConfig.Retries(
                                        3, Duration.ofMillis(500), Duration.ofSeconds(8)),
                                Map.of(),
                                512,
                                false));
    }

    @Test
    void mcpServer() {
        String yaml = "mcp_servers: { s: { transport: stdio, command: c } }";

        assertThat(parse(yaml).mcpServers().get("s"))
                .isEqualTo(
                        new McpServerConfig(
                                McpServerConfig.Transport.STDIO,
                                "c",
                                List.of(),
                                Map.of(),
                                null,
                                null,
                                Map.of(),
                                McpServerConfig.Start.LAZY,
                                ALL_TOOLS,
                                Duration.ofMinutes(1),
                                Duration.ofSeconds(30),
                                KIB_256,
                                false));
    }

    @Test
    void agent() {
        String yaml =
                """
                providers: { p: { kind: openai, base_url: http://h } }
                agents: { a: { provider: p, model: m } }
                """;

        assertThat(parse(yaml).agents().get("a"))
                .isEqualTo(
                        new AgentConfig(
                                "p",
                                "m",
                                null,
                                null,
                                AgentConfig.InstructionsMode.PREPEND,
                                List.of(),
                                ALL_TOOLS,
                                8,
                                OnDisconnect.CANCEL,
                                Map.of()));
    }

    @Test
    void key() {
        assertThat(parse("keys: [{ id: k, key: s }]").keys())
                .containsExactly(
                        new KeyConfig("k", new Secret("s"), null, null, List.of(), null, false));
    }

    @Test
    void run() {
        assertThat(parse("").run())
                .isEqualTo(new RunConfig(3, Duration.ofHours(24), Duration.ofMillis(500)));
    }

    @Test
    void gateway() {
        assertThat(parse("").gateway())
                .isEqualTo(
                        new GatewayConfig(
                                "127.0.0.1",
                                8080,
                                false,
                                new ByteSize(8 << 20),
                                10_000,
                                Duration.ofSeconds(30),
                                Duration.ofMinutes(10),
                                0,
                                4,
                                Duration.ofSeconds(15),
                                KIB_256,
                                Duration.ofMinutes(1),
                                Duration.ofSeconds(30),
                                new GatewayConfig.Limits(GatewayConfig.OnRedisFailure.ALLOW)));
    }

    @Test
    void worker() {
        assertThat(parse("").worker())
                .isEqualTo(
                        new WorkerConfig(
                                256,
                                0.25,
                                Duration.ofSeconds(30),
                                "127.0.0.1",
                                8081,
                                Duration.ofHours(24),
                                new WorkerConfig.Lease(
                                        Duration.ofMillis(500),
                                        Duration.ofMillis(2500),
                                        Duration.ofMillis(500),
                                        Duration.ofMillis(250))));
    }

    @Test
    void jobs() {
        assertThat(parse("").jobs())
                .isEqualTo(new JobsConfig(true, List.of(), List.of(), Duration.ofMinutes(1), 1000));
        assertThat(
                        parse(
                                        "keys: [{ id: k, key: s }]\njobs: { sources: [{ source: a, key: k }] }")
                                .jobs()
                                .sources())
                .containsExactly(new JobsConfig.Source("a", "k", false));
    }

    @Test
    void kafka() {
        assertThat(parse("").kafka())
                .isEqualTo(
                        new KafkaConfig(
                                "127.0.0.1:9092",
                                Map.of(),
                                "sluice",
                                -1,
                                new KafkaConfig.Partitions(1, 64, 8, 8),
                                Duration.ofHours(24),
                                new ByteSize(16L << 30),
                                Duration.ofDays(7),
                                Duration.ofDays(7)));
    }

    @Test
    void redis() {
        assertThat(parse("").redis())
                .isEqualTo(
                        new RedisConfig(
                                new Secret("redis://127.0.0.1:6379"),
                                null,
                                null,
                                null,
                                null,
                                null,
                                new RedisConfig.KeepAlive(
                                        Duration.ofSeconds(13), Duration.ofSeconds(13), 3),
                                "sluice",
                                Duration.ofSeconds(2)))
                .isEqualTo(
                        RedisConfig.of("redis://127.0.0.1:6379", "sluice", Duration.ofSeconds(2)));
    }

    @Test
    void redisTls() {
        assertThat(parse("redis: { url: rediss://h, tls: {} }").redis().tls())
                .isEqualTo(
                        new RedisConfig.Tls(null, null, null, null, RedisConfig.Tls.Verify.FULL));
    }

    @Test
    void redisSentinel() {
        String yaml = "redis: { url: 'redis-sentinel://h#m', sentinel: { password: p } }";

        assertThat(parse(yaml).redis().sentinel())
                .isEqualTo(new RedisConfig.Sentinel(null, new Secret("p")));
    }

    @Test
    void audit() {
        assertThat(parse("").audit()).isEqualTo(new AuditConfig(false));
    }

    @Test
    void log() {
        assertThat(parse("").log())
                .isEqualTo(new LogConfig(LogConfig.Format.TEXT, LogConfig.Level.INFO));
    }

    private static SluiceConfig parse(String yaml) {
        return ConfigLoader.parse(yaml, "sluice.yaml", Map.of());
    }
}
