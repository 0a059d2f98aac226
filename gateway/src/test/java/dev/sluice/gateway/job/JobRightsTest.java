package dev.sluice.gateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.config.ConfigLoader;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Lane;
import dev.sluice.gateway.job.JobRights.Verdict;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
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

    private static JobRights rights(String yaml) {
        return new JobRights(
                ConfigLoader.parse(yaml, "sluice.yaml", Map.of()),
                Clock.fixed(Instant.parse("2026-06-01T00:00:00Z"), ZoneOffset.UTC));
    }

    @Test
    void withoutKeysAnybodyMayDoAnything() {
        JobRights rights = rights(AGENTS);

        assertThat(rights.judge("/anywhere", "demo", Lane.INTERACTIVE))
                .isEqualTo(new Verdict.Admitted(null));
        assertThat(rights.judge("", "nobody", Lane.INTERACTIVE))
                .isEqualTo(new Verdict.Refused(new Failure.AgentNotFound("nobody")));
    }

    @ParameterizedTest
    @CsvSource({"/shop/a, demo, shop", "'', other, all"})
    void aJobHasTheRightsOfTheFirstEntryThatFits(String source, String agent, String key) {
        assertThat(rights(AGENTS + KEYS).judge(source, agent, Lane.BATCH))
                .isEqualTo(new Verdict.Admitted(key));
    }

    @ParameterizedTest
    @CsvSource({"/else, demo, source_not_admitted", "/shop/old, demo, key_expired"})
    void whoHasNoValidKeyIsRefused(String source, String agent, String code) {
        assertThat(rights(AGENTS + KEYS).judge(source, agent, Lane.BATCH))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused ->
                                assertThat(((Failure.InvalidRequest) refused.failure()).code())
                                        .isEqualTo(code));
    }

    @ParameterizedTest
    @CsvSource({"/shop/a, other", "'', nobody"})
    void anAgentThatTheKeyMayNotUseIsNotThere(String source, String agent) {
        assertThat(rights(AGENTS + KEYS).judge(source, agent, Lane.BATCH))
                .isEqualTo(new Verdict.Refused(new Failure.AgentNotFound(agent)));
    }
}
