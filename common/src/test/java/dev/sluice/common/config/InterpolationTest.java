package dev.sluice.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterpolationTest {
    private static final Map<String, String> ENVIRONMENT =
            Map.of("TOKEN", "s3cr3t", "PORT", "9090", "EMPTY", "", "TRICK", "${TOKEN} $1 \\");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            textBlock =
                    """
                    "${TOKEN}"                 | s3cr3t
                    ${TOKEN}                   | s3cr3t
                    'a ${TOKEN} b ${PORT} c'   | a s3cr3t b 9090 c
                    "${NONE:-fall back}"       | fall back
                    "x${NONE:-}y"              | xy
                    "${EMPTY:-full}"           | full
                    "x${EMPTY}y"               | xy
                    "${TOKEN:-unused}"         | s3cr3t
                    "$${TOKEN}"                | ${TOKEN}
                    "$$${TOKEN}"               | $${TOKEN}
                    "$TOKEN costs $5"          | $TOKEN costs $5
                    "${TRICK}"                 | ${TOKEN} $1 \\
                    "${NONE:-http://h:1/$x}"   | http://h:1/$x
                    """)
    void aReferenceIsReplaced(String yaml, String text) {
        assertThat(description(yaml)).isEqualTo(text);
    }

    @Test
    void theResultIsReadAsTheKeysType() {
        SluiceConfig config =
                parse(
                        """
                        gateway:
                          port: "${PORT}"
                          allow_anonymous: ${ANONYMOUS:-true}
                          heartbeat: "${SECONDS:-20}s"
                          max_body: ${BODY:-2MiB}
                        log: { format: "${FORMAT:-json}" }
                        """);

        assertThat(config.gateway().port()).isEqualTo(9090);
        assertThat(config.gateway().allowAnonymous()).isTrue();
        assertThat(config.gateway().heartbeat()).isEqualTo(Duration.ofSeconds(20));
        assertThat(config.gateway().maxBody()).isEqualTo(new ByteSize(2 << 20));
        assertThat(config.log().format()).isEqualTo(LogConfig.Format.JSON);
    }

    @Test
    void anOpenValueIsANumberOnlyWithoutQuotes() {
        SluiceConfig config =
                parse(
                        """
                        providers:
                          p:
                            kind: openai
                            base_url: http://h
                            extra_body:
                              plain: ${PORT}
                              quoted: "${PORT}"
                        """);

        assertThat(config.providers().get("p"))
                .extracting(p -> p.extraBody().toString())
                .isEqualTo("{plain=9090, quoted=\"9090\"}");
    }

    @Test
    void aPlainValueThatComesOutEmptyIsLeftOut() {
        assertThat(description("${NONE:-}")).isNull();
        assertThat(description("\"${NONE:-}\"")).isEmpty();
        assertThat(parse("gateway:\n  port: ${EMPTY}\n").gateway().port()).isEqualTo(8080);
    }

    @Test
    void anUnsetVariableIsNamed() {
        assertThat(problems("redis: { password: \"${NOT_SET}\" }\nlog: { level: \"${NOR_THIS}\" }"))
                .containsExactly(
                        "f:1: redis.password: needs the environment variable NOT_SET, which is not"
                                + " set",
                        "f:2: log.level: needs the environment variable NOR_THIS, which is not"
                                + " set");
    }

    @Test
    void aBrokenReferenceIsRefused() {
        assertThat(problems("redis: { username: \"${TOKEN\" }"))
                .containsExactly(
                        "f:1: redis.username: holds a ${ that is neither ${NAME} nor"
                                + " ${NAME:-default}; $${ is a plain ${");
        assertThat(problems("redis: { username: \"${A B}\", key_prefix: \"${}\" }")).hasSize(2);
    }

    @Test
    void whatCameFromTheEnvironmentIsNeverShown() {
        List<String> problems =
                problems(
                        """
                        providers: { p: { kind: "${TOKEN}", base_url: "ftp://${TOKEN}" } }
                        mcp_servers: { s: { transport: sse, url: "${TOKEN}" } }
                        agents: { a: { provider: "${TOKEN}", model: m, mcp_servers: [[], "${TOKEN}"] } }
                        keys:
                          - { id: one, sha256: "${TOKEN}" }
                          - { id: "${TOKEN}", key: j }
                          - { id: "${TOKEN}", key: k }
                          - { id: two, key: l, expires_at: "${TOKEN}" }
                        gateway: { port: "${TOKEN}", max_waiting: "-${PORT}", limits: "${TOKEN}" }
                        kafka: { bootstrap_servers: "${TOKEN}" }
                        redis: { url: "${TOKEN}", "${TOKEN}": 1 }
                        """);

        assertThat(problems).hasSize(15).noneMatch(p -> p.contains("s3cr3t") || p.contains("9090"));
        assertThat(problems)
                .contains(
                        "f:7: keys[2].id: ${TOKEN} is the id of keys[1] already",
                        "f:9: gateway.max_waiting: -${PORT} must be 1 or more",
                        "f:3: agents.a.mcp_servers[1]: ${TOKEN} is not one of the"
                                + " mcp_servers; known: s",
                        "f:1: providers.p.kind: ${TOKEN} must be openai");
    }

    @Test
    void aSecretIsNeverShownEvenWhereItIsWrittenOut() {
        assertThat(
                        problems(
                                """
                                redis: { url: "http://hunter2" }
                                keys: [{ id: a, sha256: hunter2 }, { id: b, key: " " }]
                                kafka: { properties: { p: [hunter2] }, propertys: hunter2 }
                                """))
                .hasSize(5)
                .noneMatch(problem -> problem.contains("hunter2"));
    }

    private static @Nullable String description(String yaml) {
        return parse(
                        "providers: { p: { kind: openai, base_url: 'http://h' } }\n"
                                + "agents:\n  a:\n    provider: p\n    model: m\n    description: "
                                + yaml)
                .agents()
                .values()
                .iterator()
                .next()
                .description();
    }

    private static SluiceConfig parse(String yaml) {
        return ConfigLoader.parse(yaml, "f", ENVIRONMENT);
    }

    private static List<String> problems(String yaml) {
        var refusal = catchThrowableOfType(ConfigException.class, () -> parse(yaml));
        return String.valueOf(refusal.getMessage()).lines().toList();
    }
}
