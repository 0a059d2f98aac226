package dev.sluice.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.common.config.binding.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("WORD", "sesame");

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

    @Test
    void aRefusedRecordStillCountsForWhatRefersToIt() {
        assertThat(
                        messageOf(
                                """
                                providers: { p: { kind: nope, base_url: "http://h" } }
                                mcp_servers: { s: { transport: stdio } }
                                agents: { a: { provider: p, model: m, mcp_servers: [s] } }
                                """))
                .containsExactly(
                        "sluice.yaml:1: providers.p.kind: nope must be openai",
                        "sluice.yaml:2: mcp_servers.s.command: is required with transport: stdio");
    }

    @Test
    void aRefusedKeyIsStillAKey() {
        assertThat(messageOf("gateway: { host: 0.0.0.0 }\nkeys: [{ id: a }]"))
                .containsExactly("sluice.yaml:2: keys[0]: needs key or sha256, has neither");
    }

    @Test
    void whatIsWrongWithAnEntryHidesNothingElseOfIt() {
        assertThat(
                        messageOf(
                                """
                                keys:
                                  - { id: a, key: one }
                                  - { id: a, expires_at: soon }
                                  - { id: a, key: one, sha256: odd, agents: all }
                                providers: { p: { kind: openai, base_url: "ftp://u:pw@h" } }
                                agents:
                                  "gpt 4": { provider: q, model: "", mcp_servers: [s] }
                                """))
                .containsExactly(
                        "sluice.yaml:3: keys[1].expires_at: soon must be a time such as"
                                + " 2027-01-31T00:00:00Z",
                        "sluice.yaml:3: keys[1]: needs key or sha256, has neither",
                        "sluice.yaml:3: keys[1].id: a is the id of keys[0] already",
                        "sluice.yaml:4: keys[2].agents: must be a list, is a single value",
                        "sluice.yaml:4: keys[2].sha256: must be 64 hexadecimal digits",
                        "sluice.yaml:4: keys[2]: has both key and sha256, must have one of them",
                        "sluice.yaml:4: keys[2].id: a is the id of keys[0] already",
                        "sluice.yaml:4: keys[2].key: is the secret of keys[0] already",
                        "sluice.yaml:5: providers.p.base_url: ftp://***@h must be an http or https"
                                + " URL with a host",
                        "sluice.yaml:5: providers.p.base_url: ftp://***@h must not hold a user or"
                                + " a password: use headers",
                        "sluice.yaml:7: agents[\"gpt 4\"].model: \"\" must not be blank",
                        "sluice.yaml:7: agents[\"gpt 4\"]: is not a name: letters, digits and . _"
                                + " : / -, 128 at the most",
                        "sluice.yaml:7: agents[\"gpt 4\"].provider: q is not one of the providers,"
                                + " did you mean p?",
                        "sluice.yaml:7: agents[\"gpt 4\"].mcp_servers[0]: s is not one of the"
                                + " mcp_servers");
    }

    @Test
    void whatStandsInForAMissingIdIsNobodysTwin() {
        assertThat(messageOf("keys: [{ key: a }, { id: x, key: b }, { id: x, key: '${NO}' }]"))
                .containsExactly(
                        "sluice.yaml:1: keys[2].key: needs the environment variable NO, which is"
                                + " not set",
                        "sluice.yaml:1: keys[0].id: is required",
                        "sluice.yaml:1: keys[2].id: x is the id of keys[1] already");
    }

    @Test
    void aRuleOverTwoKeysIsSilentWhereOneOfThemIsAtFaultItself() {
        assertThat(messageOf("mcp_servers: { s: { transport: carrier_pigeon, url: 'http://h' } }"))
                .containsExactly(
                        "sluice.yaml:1: mcp_servers.s.transport: carrier_pigeon must be one of"
                                + " stdio, streamable_http, sse");
        assertThat(
                        messageOf(
                                "{ kafka: { reply_retention: 5m }, run: { retention: 5m },\n  gateway: { run_timeout: soon } }"))
                .singleElement()
                .asString()
                .startsWith("sluice.yaml:2: gateway.run_timeout: soon must be a duration");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    gatway: {}                               | gatway: unknown key, did you mean gateway?
                    gateway: { maxBody: 1 }                  | gateway.maxBody: unknown key, did you mean max_body?
                    log: { xyzzy: 1 }                        | log.xyzzy: unknown key; known: format, level
                    gateway: []                              | gateway: must be a mapping, is a list
                    gateway: 8080                            | gateway: must be a mapping, is a single value
                    agents: [a]                              | agents: must be a mapping, is a list
                    keys: {}                                 | keys: must be a list, is a mapping
                    gateway: { port: [1] }                   | gateway.port: must be a whole number, is a list
                    gateway: { port: 1.5 }                   | gateway.port: 1.5 must be a whole number
                    gateway: { port: 99999999999 }           | gateway.port: 99999999999 must be a whole number
                    gateway: { port: "" }                    | gateway.port: "" must be a whole number
                    gateway: { allow_anonymous: yes }        | gateway.allow_anonymous: yes must be true or false
                    gateway: { max_body: 8 megabytes }       | gateway.max_body: 8 megabytes must be a size such as 512, 64KiB or 8MiB
                    gateway: { max_body: 1 }                 | gateway.max_body: 1 must be between 1KiB and 256MiB
                    gateway: { heartbeat: -5s }              | gateway.heartbeat: -5s must be a duration such as 500ms, 30s, 5m or 1h30m
                    gateway: { drain_timeout: PT-5S }        | gateway.drain_timeout: PT-5S must not be negative
                    gateway: { heartbeat: 999999999d }       | gateway.heartbeat: 999999999d must be a duration such as 500ms, 30s, 5m or 1h30m
                    gateway: { host: 0.0.0.0 }               | gateway.host: 0.0.0.0 is not a loopback address and there are no keys: add keys, bind 127.0.0.1, or say gateway.allow_anonymous: true
                    log: { level: loud }                     | log.level: loud must be one of trace, debug, info, warn, error
                    providers: { p: }                        | providers.p.kind: is required
                    providers: { p: { kind: openai, base_url: "a b" } } | providers.p.base_url: a b must be a URL
                    providers: { p: { kind: openai, base_url: "http://u:pw@h" } } | providers.p.base_url: http://***@h must not hold a user or a password: use headers
                    providers: { a.b: { kind: openai, base_url: "http://h" } } | providers["a.b"]: is not a name: letters, digits, '_' and '-', 64 at the most
                    mcp_servers: { s: { transport: sse } }   | mcp_servers.s.url: is required with transport: streamable_http and sse
                    mcp_servers: { s: { transport: sse, url: "ftp://h" } } | mcp_servers.s.url: ftp://h must be an http or https URL with a host
                    mcp_servers: { s: { transport: stdio, command: c, headers: { a: b } } } | mcp_servers.s.headers: does not go with transport: stdio
                    keys: [{ id: a }]                        | keys[0]: needs key or sha256, has neither
                    keys: [{ id: a, key: k, sha256: aa }]    | keys[0]: has both key and sha256, must have one of them
                    keys: [{ id: a, key: k, expires_at: soon }] | keys[0].expires_at: soon must be a time such as 2027-01-31T00:00:00Z
                    keys: [{ id: a, key: k }, { id: a, key: l }] | keys[1].id: a is the id of keys[0] already
                    kafka: { reply_retention: 10m }          | kafka.reply_retention: 10m must be longer than gateway.run_timeout, else the log forgets runs under way
                    kafka: { audit_retention: 23h }          | kafka.audit_retention: 23h must not be shorter than kafka.reply_retention: where Redis lost its data the audit stream says which runs have ended
                    kafka: { reply_size: 63MiB }             | kafka.reply_size: 63MiB must be 1MiB or more for each of the 64 reply partitions
                    kafka: { partitions: { runs: 0 } }       | kafka.partitions.runs: 0 must be between 1 and 10000
                    kafka: { partitions: { jobs: 0 } }       | kafka.partitions.jobs: 0 must be between 1 and 10000
                    jobs: { result_retry: 2h }               | jobs.result_retry: 2h must be between 100ms and 1h
                    jobs: { sources: [{ source: a, key: k }] } | jobs.sources[0].key: k is not the id of one of the keys
                    jobs: { sources: [{ key: k }] }          | jobs.sources[0].source: is required
                    kafka: { properties: { ssl: { a: b } } } | kafka.properties.ssl: must be text, is a mapping
                    redis: { url: "rediss://h", tls: { cert_file: c } } | redis.tls.key_file: goes with cert_file, both or neither
                    redis: { url: "rediss://h", tls: { key_password: c } } | redis.tls.key_password: goes with key_file
                    redis: { tls: { verify: name } }         | redis.tls.verify: name must be one of full, ca, none
                    redis: { tls: {} }                       | redis.tls: goes only with rediss:// and rediss-sentinel://
                    redis: { tls: { cafile: c } }            | redis.tls.cafile: unknown key, did you mean ca_file?
                    redis: { sentinel: { password: p } }     | redis.sentinel: goes only with redis-sentinel:// and rediss-sentinel://
                    redis: { sentinel: {} }                  | redis.sentinel.password: is required
                    redis: { sentinel: { password: "" } }    | redis.sentinel.password: must not be blank
                    redis: { sentinel: { password: p, username: " " } } | redis.sentinel.username:   must not be blank
                    redis: { username: u }                   | redis.password: is required with a user
                    redis: { url: "redis://u:@h" }           | redis.password: is required with a user
                    redis: { username: " ", password: p }    | redis.username:   must not be blank
                    redis: { password: " " }                 | redis.password: must not be blank
                    redis: { url: "redis://u:p@h", username: v } | redis.username: v is in url already
                    redis: { url: "redis://:p@h", password: q } | redis.password: is in url already
                    redis: { url: "redis://h?timeout=1s" }   | redis.url: must have no parameters: timeout, client_name and tls are keys of redis
                    redis: { client_name: a b }              | redis.client_name: a b must be ASCII without spaces, 100 characters at the most
                    redis: { keep_alive: { idle: 1500ms } }  | redis.keep_alive.idle: 1500ms must be whole seconds, between 1s and 9h
                    redis: { keep_alive: { interval: 0 } }   | redis.keep_alive.interval: 0 must be whole seconds, between 1s and 9h
                    redis: { keep_alive: { count: 0 } }      | redis.keep_alive.count: 0 must be between 1 and 127
                    redis: { keepalive: {} }                 | redis.keepalive: unknown key, did you mean keep_alive?
                    redis: { user_name: u }                  | redis.user_name: unknown key, did you mean username?
                    redis: { timeout: 0 }                    | redis.timeout: 0 must be longer than 0
                    worker: { port: 70000 }                  | worker.port: 70000 must be between 0 and 65535
                    """)
    void whatIsWrongIsSaid(String yaml, String problem) {
        assertThat(messageOf(yaml)).contains("sluice.yaml:1: " + problem);
    }

    @Test
    void parametersThatTheRunDecidesAreRefused() {
        assertThat(
                        messageOf(
                                """
                                providers: { p: { kind: openai, base_url: "http://h" } }
                                agents:
                                  "gpt 4": { provider: p, model: m }
                                  ok: { provider: p, model: " ", parameters: { n: 2, tools: [] } }
                                """))
                .containsExactly(
                        "sluice.yaml:3: agents[\"gpt 4\"]: is not a name: letters, digits and . _ :"
                                + " / -, 128 at the most",
                        "sluice.yaml:4: agents.ok.model:   must not be blank",
                        "sluice.yaml:4: agents.ok.parameters: must not set n, tools: the run"
                                + " decides that");
    }

    @Test
    void twoKeysOfTheSameSecretAreRefusedEvenIfOneIsGivenByItsHash() {
        assertThat(
                        messageOf(
                                """
                                keys:
                                  - { id: a, key: sesame }
                                  - id: b
                                    sha256: D0C04F4B1951E4AEAAEC8223ED2039E542F3AAE805A6FA7F6D794E5AFFF5D272
                                  - { id: c, key: "${WORD}" }
                                """))
                .containsExactly(
                        "sluice.yaml:4: keys[1].sha256: is the secret of keys[0] already",
                        "sluice.yaml:5: keys[2].key: is the secret of keys[0] already");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1", "127.8.8.8", "::1", "'[::1]'"})
    void withoutKeysALoopbackAddressIsServed(String host) {
        assertThat(parse("gateway: { host: \"" + host.replace("'", "") + "\" }").keys()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"allow_anonymous: true }", "}\nkeys: [{ id: a, key: b }]"})
    void anyAddressIsServedWithKeysOrWhenToldTo(String rest) {
        assertThat(parse("gateway: { host: 0.0.0.0, " + rest).gateway().host())
                .isEqualTo("0.0.0.0");
    }

    @Test
    void aFileThatIsNoYamlIsOneProblemWithLineAndColumn() {
        assertThat(messageOf("gateway:\n  port: 1\n host: x\nkeys: s3cr3t\n"))
                .singleElement()
                .asString()
                .startsWith("sluice.yaml:3: is not YAML at column 2: ")
                .doesNotContain("s3cr3t");
        assertThat(messageOf("a: *nowhere")).singleElement().asString().contains("is not YAML");
        assertThat(messageOf("a: \u0001")).singleElement().asString().contains("is not YAML");
        assertThat(messageOf("--- {}\n--- {}\n")).singleElement().asString().contains(":2: ");
        assertThat(messageOf("- a")).containsExactly("sluice.yaml:1: must be a mapping, is a list");
    }

    @Test
    void aKeyThatIsThereTwiceIsRefused() {
        assertThat(messageOf("gateway:\n  port: 1\n  port: 2\n"))
                .containsExactly("sluice.yaml:3: gateway.port: is there twice");
    }

    @Test
    void anchorsAreFollowedAndLoopsRefused() {
        SluiceConfig config =
                parse(
                        """
                        providers: { p: &p { kind: openai, base_url: "http://h" }, q: *p }
                        """);

        assertThat(config.providers().get("q")).isEqualTo(config.providers().get("p"));
        assertThat(messageOf("providers: &p { p: *p }"))
                .containsExactly("sluice.yaml:1: providers: must not contain itself");
    }

    @Test
    void aProblemHasItsPartsApart() {
        var refusal =
                catchThrowableOfType(
                        ConfigException.class, () -> parse("\nworker: { concurrency: 0 }"));

        assertThat(refusal.problems())
                .containsExactly(
                        new Problem(
                                "sluice.yaml:2",
                                "worker.concurrency",
                                "0",
                                "must be between 1 and 100000"));
    }

    @Test
    void aFileIsReadAndAMissingOneIsSaidToBe(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("sluice.yaml");
        Path missing = folder.resolve("missing.yaml");
        Files.writeString(file, "gateway: { port: 1 }");

        assertThat(ConfigLoader.load(file, Map.of()).gateway().port()).isEqualTo(1);
        assertThatThrownBy(() -> ConfigLoader.load(missing, Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage(missing + ": cannot be read: there is no such file");
        Files.write(file, new byte[] {'a', ':', ' ', (byte) 0xff});
        assertThatThrownBy(() -> ConfigLoader.load(file, Map.of()))
                .hasMessage(file + ": cannot be read: it is not UTF-8 text");
        assertThatThrownBy(() -> ConfigLoader.load(folder, Map.of()))
                .isInstanceOf(ConfigException.class);
    }

    private static SluiceConfig parse(String yaml) {
        return ConfigLoader.parse(yaml, "sluice.yaml", ENVIRONMENT);
    }

    private static List<String> messageOf(String yaml) {
        ConfigException refusal = catchThrowableOfType(ConfigException.class, () -> parse(yaml));
        return String.valueOf(refusal.getMessage()).lines().toList();
    }
}
