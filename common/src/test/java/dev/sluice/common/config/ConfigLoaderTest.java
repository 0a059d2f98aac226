package dev.sluice.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigLoaderTest {
    private static final Map<String, String> ENVIRONMENT =
            Map.of("TOKEN", "s3cr3t-t0k3n", "PORT", "9090", "WORD", "sesame", "EMPTY", "");

    @Test
    void anEmptyFileGivesTheDefaults() {
        SluiceConfig config = parse("");

        assertThat(config.gateway().port()).isEqualTo(8080);
        assertThat(config.agents()).isEmpty();
        assertThat(parse("# nothing\n")).isEqualTo(config);
    }

    @Test
    void everyProblemOfAFileIsReportedAtOnceFromTopToEnd() {
        assertThat(
                        messageOf(
                                """
                                providers:
                                  openai: { kind: opena, base_url: "ftp://x", max_connections: 0 }
                                mcp_servers:
                                  files: { transport: stdio, url: "http://x", max_result_byte: 5 }
                                agents:
                                  researcher:
                                    provider: opnai
                                    model: m
                                    mcp_servers: [file, files]
                                    max_turns: 0
                                keys:
                                  - { id: a, key: one }
                                  - { id: a, key: one, rate_limit: { requests_per_minute: many } }
                                gateway:
                                  port: eighty
                                  max_waiting: 0
                                  run_timeout: 30
                                redis:
                                  url: http://:hunter2@x
                                """))
                .containsExactly(
                        "sluice.yaml:2: providers.openai.kind: opena must be openai",
                        "sluice.yaml:2: providers.openai.base_url: ftp://x must be an http or https"
                                + " URL with a host",
                        "sluice.yaml:2: providers.openai.max_connections: 0 must be between 1 and"
                                + " 100000",
                        "sluice.yaml:4: mcp_servers.files.max_result_byte: unknown key, did you"
                                + " mean max_result_bytes?",
                        "sluice.yaml:4: mcp_servers.files.command: is required with transport:"
                                + " stdio",
                        "sluice.yaml:4: mcp_servers.files.url: http://x does not go with"
                                + " transport: stdio",
                        "sluice.yaml:7: agents.researcher.provider: opnai is not one of the providers,"
                                + " did you mean openai?",
                        "sluice.yaml:9: agents.researcher.mcp_servers[0]: file is not one of the"
                                + " mcp_servers, did you mean files?",
                        "sluice.yaml:10: agents.researcher.max_turns: 0 must be between 1 and 1000",
                        "sluice.yaml:13: keys[1].rate_limit.requests_per_minute: many must be a"
                                + " whole number",
                        "sluice.yaml:13: keys[1].id: a is the id of keys[0] already",
                        "sluice.yaml:13: keys[1].key: is the secret of keys[0] already",
                        "sluice.yaml:15: gateway.port: eighty must be a whole number",
                        "sluice.yaml:16: gateway.max_waiting: 0 must be 1 or more",
                        "sluice.yaml:17: gateway.run_timeout: 30 must be a duration such as 500ms,"
                                + " 30s, 5m or 1h30m",
                        "sluice.yaml:19: redis.url: must begin with redis://, rediss://,"
                                + " redis-sentinel:// or rediss-sentinel://");
    }

    private static SluiceConfig parse(String yaml) {
        return ConfigLoader.parse(yaml, "sluice.yaml", ENVIRONMENT);
    }

    private static List<String> messageOf(String yaml) {
        ConfigException refusal = catchThrowableOfType(ConfigException.class, () -> parse(yaml));
        return String.valueOf(refusal.getMessage()).lines().toList();
    }
}
