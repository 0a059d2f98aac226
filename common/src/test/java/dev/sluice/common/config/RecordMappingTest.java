package dev.sluice.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.RunRequest.OnDisconnect;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Each record with every key set to something other than its default.
class RecordMappingTest {
    static final String FULL =
            """
            providers:
              second: { kind: openai, base_url: "http://second" }
              first:
                kind: openai
                base_url: https://api.example.com/v1
                api_key: provider-secret
                headers: { X-Org: header-secret }
                timeout: { connect: 1s, first_token: 2s, between_tokens: 3s, total: 4m }
                retry: { max_attempts: 5, initial_backoff: 10ms, max_backoff: 1m }
                extra_body: { store: false, tags: [a, 1, null], note: "1" }
                max_connections: 7
                prefill: true
            mcp_servers:
              files:
                transport: stdio
                command: npx
                args: [-y, 8, "/data"]
                env: { TOKEN: env-secret }
                cwd: /srv
                start: eager
                tools: { allow: ["read_*"], deny: ["*_all"] }
                call_timeout: 5s
                start_timeout: 6s
                max_result_bytes: 1MiB
                idempotent: true
              web: { transport: streamable_http, url: "https://mcp.example.com/mcp", headers: { Authorization: web-secret } }
            agents:
              z/last:v1.0:
                provider: first
                model: gpt-5
                description: Looks things up.
                instructions: |
                  Be brief.
                  Cite.
                instructions_mode: replace_if_present
                mcp_servers: [web, files]
                tools: { deny: [files__delete] }
                max_turns: 3
                on_disconnect: continue
                parameters: { temperature: 0.2, max_completion_tokens: 100 }
              b: { provider: second, model: m }
              a: { provider: second, model: m }
            keys:
              - id: one
                key: key-secret
                expires_at: 2027-01-31T00:00:00+01:00
                agents: ["z/*"]
                rate_limit: { requests_per_minute: 60 }
                admin: true
              - { id: two, sha256: "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b" }
            run: { max_crashes: 5, retention: 36h, disconnect_grace: 2s }
            gateway:
              host: 0.0.0.0
              port: 80
              allow_anonymous: true
              max_body: 1MB
              max_waiting: 11
              max_wait: 7s
              run_timeout: 1h30m
              event_loops: 2
              reply_partitions: 3
              heartbeat: 500ms
              stream_buffer: 2KiB
              stall_timeout: PT9S
              drain_timeout: 0
              limits: { on_redis_failure: deny }
            worker: { concurrency: 4, batch_share: 0.5, drain_timeout: 1m, host: "::1", port: 0, continuation_ttl: 7d, lease: { beat: 1s, ttl: 6s, margin: 2s, reap: 300ms } }
            jobs:
              enabled: false
              sources: [{ source: "/shop/*", key: one, interactive: true }, { source: "", key: two }]
              reply_topics: ["shop.*"]
              result_retry: 5s
              max_waiting: 7
            kafka:
              bootstrap_servers: "a:1, b:2"
              properties: { security.protocol: SASL_SSL, sasl.jaas.config: jaas-secret, retries: 3 }
              topic_prefix: team.sluice
              replication_factor: 3
              partitions: { runs: 2, replies: 5, audit: 3, jobs: 3 }
              reply_retention: 48h
              reply_size: 5GiB
              audit_retention: 30d
              jobs_retention: 3d
            redis:
              url: rediss-sentinel://one:26380,two/2#main-url-secret
              username: sluice
              password: redis-secret
              sentinel: { username: watcher, password: sentinel-secret }
              tls: { ca_file: ca.pem, cert_file: c.pem, key_file: k.pem, key_password: pem-secret, verify: ca }
              client_name: gateway-1
              keep_alive: { idle: 30s, interval: 5s, count: 4 }
              key_prefix: s
              timeout: 750ms
            audit: { include_content: true }
            log: { format: json, level: debug }
            """;

    private final SluiceConfig config = ConfigLoader.parse(FULL, "sluice.yaml", Map.of());

    @Test
    void theFilesOrderIsKept() {
        assertThat(config.providers().keySet()).containsExactly("second", "first");
        assertThat(config.agents().keySet()).containsExactly("z/last:v1.0", "b", "a");
        assertThat(config.keys()).extracting(KeyConfig::id).containsExactly("one", "two");
        assertThat(config.kafka().properties().keySet())
                .containsExactly("security.protocol", "sasl.jaas.config", "retries");
    }

    @Test
    void provider() {
        assertThat(config.providers().get("first"))
                .isEqualTo(
                        new ProviderConfig(
                                ProviderConfig.Kind.OPENAI,
                                URI.create("https://api.example.com/v1"),
                                new Secret("provider-secret"),
                                Map.of("X-Org", new Secret("header-secret")),
                                new ProviderConfig.Timeouts(
                                        Duration.ofSeconds(1),
                                        Duration.ofSeconds(2),
                                        Duration.ofSeconds(3),
                                        Duration.ofMinutes(4)),
                                new ProviderConfig.Retries(
                                        5, Duration.ofMillis(10), Duration.ofMinutes(1)),
                                Map.of(
                                        "store", json("false"),
                                        "tags", json("[\"a\", 1, null]"),
                                        "note", json("\"1\"")),
                                7,
                                true));
    }

    @Test
    void stdioServer() {
        assertThat(config.mcpServers().get("files"))
                .isEqualTo(
                        new McpServerConfig(
                                McpServerConfig.Transport.STDIO,
                                "npx",
                                List.of("-y", "8", "/data"),
                                Map.of("TOKEN", new Secret("env-secret")),
                                "/srv",
                                null,
                                Map.of(),
                                McpServerConfig.Start.EAGER,
                                new ToolFilter(List.of("read_*"), List.of("*_all")),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(6),
                                new ByteSize(1 << 20),
                                true));
    }

    @Test
    void httpServer() {
        assertThat(config.mcpServers().get("web"))
                .extracting(
                        McpServerConfig::transport, McpServerConfig::url, McpServerConfig::headers)
                .containsExactly(
                        McpServerConfig.Transport.STREAMABLE_HTTP,
                        URI.create("https://mcp.example.com/mcp"),
                        Map.of("Authorization", new Secret("web-secret")));
    }

    @Test
    void agent() {
        assertThat(config.agents().get("z/last:v1.0"))
                .isEqualTo(
                        new AgentConfig(
                                "first",
                                "gpt-5",
                                "Looks things up.",
                                "Be brief.\nCite.\n",
                                AgentConfig.InstructionsMode.REPLACE_IF_PRESENT,
                                List.of("web", "files"),
                                new ToolFilter(List.of(), List.of("files__delete")),
                                3,
                                OnDisconnect.CONTINUE,
                                Map.of(
                                        "temperature", json("0.2"),
                                        "max_completion_tokens", json("100"))));
    }

    @Test
    void keys() {
        assertThat(config.keys())
                .containsExactly(
                        new KeyConfig(
                                "one",
                                new Secret("key-secret"),
                                null,
                                Instant.parse("2027-01-30T23:00:00Z"),
                                List.of("z/*"),
                                new KeyConfig.RateLimit(60),
                                true),
                        new KeyConfig(
                                "two",
                                null,
                                new Secret(
                                        "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"),
                                null,
                                List.of(),
                                null,
                                false));
    }

    @Test
    void run() {
        assertThat(config.run())
                .isEqualTo(new RunConfig(5, Duration.ofHours(36), Duration.ofSeconds(2)));
    }

    @Test
    void gateway() {
        assertThat(config.gateway())
                .isEqualTo(
                        new GatewayConfig(
                                "0.0.0.0",
                                80,
                                true,
                                new ByteSize(1_000_000),
                                11,
                                Duration.ofSeconds(7),
                                Duration.ofMinutes(90),
                                2,
                                3,
                                Duration.ofMillis(500),
                                new ByteSize(2048),
                                Duration.ofSeconds(9),
                                Duration.ZERO,
                                new GatewayConfig.Limits(GatewayConfig.OnRedisFailure.DENY)));
    }

    @Test
    void worker() {
        assertThat(config.worker())
                .isEqualTo(
                        new WorkerConfig(
                                4,
                                0.5,
                                Duration.ofMinutes(1),
                                "::1",
                                0,
                                Duration.ofDays(7),
                                new WorkerConfig.Lease(
                                        Duration.ofSeconds(1),
                                        Duration.ofSeconds(6),
                                        Duration.ofSeconds(2),
                                        Duration.ofMillis(300))));
    }

    @Test
    void jobs() {
        assertThat(config.jobs())
                .isEqualTo(
                        new JobsConfig(
                                false,
                                List.of(
                                        new JobsConfig.Source("/shop/*", "one", true),
                                        new JobsConfig.Source("", "two", false)),
                                List.of("shop.*"),
                                Duration.ofSeconds(5),
                                7));
    }

    @Test
    void kafka() {
        assertThat(config.kafka())
                .isEqualTo(
                        new KafkaConfig(
                                "a:1, b:2",
                                Map.of(
                                        "security.protocol", new Secret("SASL_SSL"),
                                        "sasl.jaas.config", new Secret("jaas-secret"),
                                        "retries", new Secret("3")),
                                "team.sluice",
                                3,
                                new KafkaConfig.Partitions(2, 5, 3, 3),
                                Duration.ofDays(2),
                                new ByteSize(5L << 30),
                                Duration.ofDays(30),
                                Duration.ofDays(3)));
    }

    @Test
    void redis() {
        assertThat(config.redis())
                .isEqualTo(
                        new RedisConfig(
                                new Secret("rediss-sentinel://one:26380,two/2#main-url-secret"),
                                "sluice",
                                new Secret("redis-secret"),
                                new RedisConfig.Sentinel("watcher", new Secret("sentinel-secret")),
                                new RedisConfig.Tls(
                                        "ca.pem",
                                        "c.pem",
                                        "k.pem",
                                        new Secret("pem-secret"),
                                        RedisConfig.Tls.Verify.CA),
                                "gateway-1",
                                new RedisConfig.KeepAlive(
                                        Duration.ofSeconds(30), Duration.ofSeconds(5), 4),
                                "s",
                                Duration.ofMillis(750)));
    }

    @Test
    void audit() {
        assertThat(config.audit()).isEqualTo(new AuditConfig(true));
    }

    @Test
    void log() {
        assertThat(config.log())
                .isEqualTo(new LogConfig(LogConfig.Format.JSON, LogConfig.Level.DEBUG));
    }

    private static JsonNode json(String text) {
        return JsonMapper.builder().build().readTree(text);
    }
}
