package dev.sluice.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigDumpTest {
    @Test
    void noSecretIsPrinted() {
        SluiceConfig config = parse(RecordMappingTest.FULL);

        assertThat(RecordMappingTest.FULL.split("-secret", -1)).hasSize(11);
        assertThat(config.toString()).doesNotContain("-secret", "2bb80d53").contains("***");
        assertThat(ConfigDump.yaml(config)).doesNotContain("-secret", "2bb80d53").contains("***");
    }

    @Test
    void theDumpIsTheEffectiveConfiguration() {
        String dump = ConfigDump.yaml(parse("gateway: { run_timeout: 90m }"));

        assertThat(dump)
                .contains("run_timeout: 1h30m\n", "max_body: 8MiB\n", "reply_retention: 24h\n")
                .contains("url: '***'\n", "on_redis_failure: allow\n", "agents: {}\n")
                .doesNotContain("password");
    }

    @Test
    void whatIsNoSecretReadsBackAsItWas() {
        String yaml =
                """
                providers:
                  p:
                    kind: openai
                    base_url: http://h/v1
                    extra_body: { "on": true, n: 1, f: 0.5, t: "1", nothing: null, l: [{ a: b }] }
                agents:
                  a: { provider: p, model: "4.10", instructions: "Say $${HOME}\\nand ~ or \\"null\\"." }
                gateway: { heartbeat: PT1.5S, drain_timeout: 0, stall_timeout: 1ms }
                """;
        SluiceConfig config = parse(yaml);
        // Only the Redis URL has a secret in this one.
        String dump = ConfigDump.yaml(config).replace("'***'", "redis://127.0.0.1:6379");

        assertThat(parse(dump)).isEqualTo(config);
    }

    @Test
    void theQueryOfAUrlIsLeftOut() {
        SluiceConfig config =
                parse("mcp_servers: { s: { transport: sse, url: 'https://h/sse?key=abc' } }");

        assertThat(ConfigDump.yaml(config)).contains("https://h/sse?***").doesNotContain("abc");
    }

    private static SluiceConfig parse(String yaml) {
        return ConfigLoader.parse(yaml, "sluice.yaml", Map.of());
    }
}
