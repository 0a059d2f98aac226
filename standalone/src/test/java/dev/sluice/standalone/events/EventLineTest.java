package dev.sluice.standalone.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.audit.AuditEvent;
import dev.sluice.common.audit.AuditEvent.HttpFacts;
import dev.sluice.common.audit.AuditRecord;
import dev.sluice.common.audit.AuditRecord.Subject;
import dev.sluice.common.audit.FailureFacts;
import dev.sluice.common.audit.Tokens;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.Usage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventLineTest {
    private static final Instant AT = Instant.parse("2026-11-21T12:00:01.234Z");
    private static final Tokens TOKENS = Tokens.of(new Usage(123, 45, 0, 0));

    private static String line(int attempt, AuditEvent event) {
        return new EventLine(Clock.fixed(AT.plusSeconds(60), ZoneOffset.UTC))
                .of(
                        new AuditRecord(
                                "id",
                                AT,
                                new Subject(new RunId("run_1"), "dev", "clock", null),
                                attempt,
                                event));
    }

    @Test
    void aRunsEventsAreLinesThatSayWhatThereIsToSay() {
        assertThat(line(0, new AuditEvent.RunAccepted(Lane.BATCH, false, AT, 1, Map.of(), null)))
                .isEqualTo(
                        "12:00:01.234  run.accepted     run_1  key dev  agent clock  batch, 1 message");
        assertThat(line(1, new AuditEvent.RunWaiting()))
                .isEqualTo(
                        "12:00:01.234  run.waiting      run_1  key dev  agent clock  for another worker");
        assertThat(line(2, new AuditEvent.RunResumed(null)))
                .isEqualTo("12:00:01.234  run.resumed      run_1  key dev  agent clock  attempt 2");
        assertThat(
                        line(
                                1,
                                new AuditEvent.TurnCompleted(
                                        1, "gpt", FinishReason.TOOL_CALLS, TOKENS, 2, null)))
                .endsWith("agent clock  turn 1, gpt, tool_calls, 123 + 45 tokens, 2 tool calls");
        assertThat(line(1, new AuditEvent.TurnCut(2, TOKENS)))
                .endsWith("turn 2, about 123 + 45 tokens");
        assertThat(
                        line(
                                1,
                                new AuditEvent.ToolCalled(
                                        1,
                                        "c",
                                        "now",
                                        AuditEvent.ToolCalled.Outcome.FAILED,
                                        1_250,
                                        null,
                                        null,
                                        null)))
                .endsWith("now, failed, 1.3 s");
        assertThat(
                        line(
                                1,
                                new AuditEvent.RunEnded(
                                        RunEntry.Status.FAILED,
                                        null,
                                        new FailureFacts("upstream_failed", "p", 500, null),
                                        TOKENS,
                                        1,
                                        0,
                                        80,
                                        1,
                                        new AuditEvent.Place(0, 1))))
                .contains("  run.failed       ")
                .endsWith("upstream_failed, 1 turn, 0 tool calls, 123 + 45 tokens, 80 ms");
    }

    @Test
    void aRefusedRequestSaysWhatItAskedForAndWhatWasLeftOut() {
        HttpFacts request = new HttpFacts("r", "GET", "/v1/models", "10.0.0.1");

        assertThat(line(0, new AuditEvent.RequestDenied("no_key", 401, request, null, null)))
                .endsWith("no_key, GET /v1/models from 10.0.0.1");
        assertThat(
                        line(
                                0,
                                new AuditEvent.RequestDenied(
                                        "source_not_admitted", null, null, "/shop", null)))
                .endsWith("source_not_admitted, source '/shop'");
        assertThat(line(0, new AuditEvent.RequestLimited(60, 1, request, 7L)))
                .endsWith(
                        "60 a minute, GET /v1/models from 10.0.0.1 (and 7 before that are left out)");
    }

    @Test
    void whatATerminalWouldTakeForCommandsIsNotPrinted() {
        HttpFacts request = new HttpFacts("r", "GET", "/\u001b[2J\n", null);

        assertThat(line(0, new AuditEvent.RequestDenied("no_key", 401, request, null, null)))
                .endsWith("no_key, GET /?[2J?");
    }

    @Test
    void anEventOfAnotherDayHasItsDate() {
        Clock tomorrow = Clock.fixed(AT.plus(Duration.ofDays(1)), ZoneOffset.UTC);

        assertThat(
                        new EventLine(tomorrow)
                                .of(
                                        new AuditRecord(
                                                "id",
                                                AT,
                                                new Subject(new RunId("run_1"), null, "a", null),
                                                1,
                                                new AuditEvent.RunStarted("w"))))
                .startsWith("2026-11-21 12:00:01.234  run.started");
    }
}
