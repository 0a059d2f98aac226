package dev.sluice.gateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.audit.AuditCodec;
import dev.sluice.common.audit.AuditEvent.RequestDenied;
import dev.sluice.common.audit.AuditLog;
import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.Lane;
import dev.sluice.gateway.http.access.Denials;
import dev.sluice.gateway.job.JobRights.Verdict;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobRightsTest {
    private static final String AGENTS =
            """
            providers: { p: { kind: openai, base_url: 'http://127.0.0.1:1/v1' } }
            agents: { demo: { provider: p, model: m }, other: { provider: p, model: m } }
            """;
    private static final String KEYS =
            """
            keys:
              - { id: shop, key: s, agents: [demo] }
              - { id: old, key: o, expires_at: '2026-06-01T00:00:00Z' }
              - { id: all, key: a }
            jobs:
              sources:
                - { source: /shop/old, key: old }
                - { source: "/shop/*", key: shop }
                - { source: "", key: all }
            """;

    private static final Clock NOW =
            Clock.fixed(Instant.parse("2026-06-01T00:00:00Z"), ZoneOffset.UTC);

    private final MockProducer<String, byte[]> producer = producer();

    private JobRights rights(String yaml) {
        return rights(ConfigLoader.parse(yaml, "sluice.yaml", Map.of()), NOW, producer);
    }

    /// Rights of which nobody is told.
    static JobRights rights(SluiceConfig config) {
        return rights(config, Clock.systemUTC(), producer());
    }

    private static JobRights rights(
            SluiceConfig config, Clock clock, MockProducer<String, byte[]> producer) {
        return new JobRights(
                config,
                clock,
                new Denials(
                        new AuditLog(producer, new Topics("sluice"), 10_000, false),
                        "gateway-1",
                        clock));
    }

    private static MockProducer<String, byte[]> producer() {
        return new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
    }

    private static JobOrigin from(String source) {
        return new JobOrigin("job-1", source, null, null, null, false);
    }

    private List<String> denied() {
        return producer.history().stream()
                .map(record -> AuditCodec.decode(record.value()).orElseThrow())
                .map(event -> {
                    assertThat(event.subject().job()).isEqualTo("job-1");
                    return ((RequestDenied) event.event()).reason();
                })
                .toList();
    }

    @Test
    void withoutKeysAnybodyMayDoAnything() {
        JobRights rights = rights(AGENTS);

        assertThat(rights.judge(from("/anywhere"), "demo", Lane.INTERACTIVE))
                .isEqualTo(new Verdict.Admitted(null));
        assertThat(rights.judge(from(""), "nobody", Lane.INTERACTIVE))
                .isEqualTo(new Verdict.Refused(new Failure.AgentNotFound("nobody")));
    }

    @ParameterizedTest
    @CsvSource({"/shop/a, demo, shop", "'', other, all"})
    void aJobHasTheRightsOfTheFirstEntryThatFits(String source, String agent, String key) {
        assertThat(rights(AGENTS + KEYS).judge(from(source), agent, Lane.BATCH))
                .isEqualTo(new Verdict.Admitted(key));
    }

    @ParameterizedTest
    @CsvSource({
        "/else, demo, source_not_admitted, source_not_admitted",
        "/shop/old, demo, key_expired, expired_key"
    })
    void whoHasNoValidKeyIsRefused(String source, String agent, String code, String denied) {
        assertThat(rights(AGENTS + KEYS).judge(from(source), agent, Lane.BATCH))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused ->
                                assertThat(((Failure.InvalidRequest) refused.failure()).code())
                                        .isEqualTo(code));
        assertThat(denied()).containsExactly(denied);
    }

    @ParameterizedTest
    @CsvSource({"/shop/a, other, agent_not_admitted", "'', nobody,"})
    void anAgentThatTheKeyMayNotUseIsNotThere(
            String source, String agent, @Nullable String denied) {
        assertThat(rights(AGENTS + KEYS).judge(from(source), agent, Lane.BATCH))
                .isEqualTo(new Verdict.Refused(new Failure.AgentNotFound(agent)));
        assertThat(denied()).isEqualTo(Stream.ofNullable(denied).toList());
    }
}
