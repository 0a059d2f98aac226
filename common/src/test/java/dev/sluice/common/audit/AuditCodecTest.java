package dev.sluice.common.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.audit.AuditCodec.MalformedException;
import dev.sluice.common.audit.AuditEvent.HttpFacts;
import dev.sluice.common.audit.AuditEvent.Place;
import dev.sluice.common.audit.AuditRecord.Subject;
import dev.sluice.common.cloudevent.JsonEventFormat;
import dev.sluice.common.kafka.Topics;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.Usage;
import io.cloudevents.CloudEvent;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditCodecTest {
    private static final AuditCodec CODEC = new AuditCodec(new Topics("sluice"));
    private static final RunId RUN = new RunId("run_0199e0000000deadbeefdeadbeefdead");
    private static final Instant AT = Instant.ofEpochMilli(1_790_000_000_123L);
    private static final Tokens TOKENS = Tokens.of(new Usage(10, 5, 3, 2));
    private static final HttpFacts REQUEST =
            new HttpFacts("req_1", "POST", "/v1/chat/completions", "127.0.0.1");

    private static RunEnded ended(
            RunEntry.Status status, @Nullable FinishReason reason, @Nullable FailureFacts failure) {
        return new RunEnded(status, reason, failure);
    }

    /// What the golden file's lines say, in their order.
    private static Stream<AuditEvent> events() {
        return Stream.of(
                new AuditEvent.RunAccepted(
                        Lane.BATCH, true, AT.plusSeconds(60), 1, Map.of("ticket", "42"), null),
                new AuditEvent.RunAccepted(
                        Lane.INTERACTIVE,
                        false,
                        AT.plusSeconds(60),
                        1,
                        Map.of(),
                        List.of(Message.text(Message.Role.USER, "Grüße 🌍"))),
                new AuditEvent.RunStarted("worker-1"),
                new AuditEvent.RunWaiting(),
                new AuditEvent.RunResumed(null),
                new AuditEvent.TurnCompleted(
                        1, "gpt-5-2025", FinishReason.TOOL_CALLS, TOKENS, 2, null),
                new AuditEvent.TurnCompleted(
                        2,
                        "gpt-5-2025",
                        FinishReason.STOP,
                        TOKENS,
                        0,
                        Message.text(Message.Role.ASSISTANT, "Noon.")),
                new AuditEvent.TurnCut(3, Tokens.estimated(new Usage(10, 7, 0, 0))),
                new AuditEvent.ToolCalled(
                        1,
                        "call_1",
                        "clock__now",
                        AuditEvent.ToolCalled.Outcome.OK,
                        12,
                        "abc",
                        null,
                        null),
                new AuditEvent.ToolCalled(
                        1,
                        "call_2",
                        "clock__now",
                        AuditEvent.ToolCalled.Outcome.FAILED,
                        12,
                        "abc",
                        "{\"city\":\"Tokyo\"}",
                        List.of(new ContentPart.Text("no such city"))),
                ended(RunEntry.Status.COMPLETED, FinishReason.STOP, null).event(),
                ended(
                                RunEntry.Status.FAILED,
                                null,
                                FailureFacts.of(new Failure.UpstreamFailed("openai", 500)))
                        .event(),
                ended(
                                RunEntry.Status.EXPIRED,
                                null,
                                FailureFacts.of(new Failure.DeadlineExceeded()))
                        .event(),
                ended(RunEntry.Status.CANCELLED, null, null).event(),
                new AuditEvent.ToolCalled(
                        1,
                        "call_3",
                        null,
                        AuditEvent.ToolCalled.Outcome.UNKNOWN,
                        12,
                        null,
                        null,
                        null),
                new AuditEvent.RequestDenied("invalid_key", 401, REQUEST, null, null),
                new AuditEvent.RequestDenied("source_not_admitted", null, null, "/shop", null),
                new AuditEvent.RequestLimited(60, 1_500, REQUEST, 7L));
    }

    private record RunEnded(
            RunEntry.Status status, @Nullable FinishReason reason, @Nullable FailureFacts failure) {
        AuditEvent event() {
            return new AuditEvent.RunEnded(
                    status, reason, failure, TOKENS, 2, 1, 1_234, 2, new Place(3, 99));
        }
    }

    private static AuditRecord record(AuditEvent event) {
        return switch (event) {
            case AuditEvent.RequestDenied _ ->
                    new AuditRecord("request/1", AT, new Subject(null, null, null, null), 0, event);
            case AuditEvent.RequestLimited _ ->
                    new AuditRecord(
                            "request/2", AT, new Subject(null, "dev", null, null), 0, event);
            default ->
                    new AuditRecord(
                            RUN + "/x",
                            AT,
                            new Subject(RUN, "dev", "researcher", "job-1"),
                            2,
                            event);
        };
    }

    private static String golden() throws IOException {
        try (InputStream file = AuditCodecTest.class.getResourceAsStream("/golden/audit.jsonl")) {
            return new String(Objects.requireNonNull(file).readAllBytes(), UTF_8);
        }
    }

    @Test
    void everyEventIsWrittenAsTheGoldenFileHasIt() throws IOException {
        // When
        String written =
                events().map(event -> new String(CODEC.encode(record(event)).value(), UTF_8))
                        .collect(Collectors.joining("\n", "", "\n"));

        // Then
        assertThat(written).isEqualTo(golden());
        assertThat(events().map(AuditEvent::type)).containsAll(EnumSet.allOf(AuditType.class));
    }

    @Test
    void whatTheGoldenFileHasIsReadBack() throws IOException {
        List<AuditRecord> read =
                golden().lines()
                        .map(line -> AuditCodec.decode(line.getBytes(UTF_8)).orElseThrow())
                        .toList();

        assertThat(read).isEqualTo(events().map(AuditCodecTest::record).toList());
    }

    @Test
    void aRecordIsAStructuredCloudEventUnderItsRunOrKey() {
        var record = CODEC.encode(record(new AuditEvent.RunStarted("w")));

        CloudEvent event = new JsonEventFormat().deserialize(record.value());
        assertThat(event.getSource()).hasToString("/sluice/sluice/worker");
        assertThat(event.getExtensionNames())
                .containsExactlyInAnyOrder("attempt", "sluiceagent", "sluicejob", "sluicekey");
        assertThat(record.topic()).isEqualTo("sluice.audit");
        assertThat(record.key()).isEqualTo(RUN.value());
        assertThat(new String(record.headers().lastHeader("content-type").value(), UTF_8))
                .isEqualTo("application/cloudevents+json");
        assertThat(CODEC.encode(record(new AuditEvent.RequestLimited(1, 1, REQUEST, null))).key())
                .isEqualTo("dev");
        assertThat(
                        CODEC.encode(
                                        record(
                                                new AuditEvent.RequestDenied(
                                                        "no_key", 401, REQUEST, null, null)))
                                .key())
                .isNull();
    }

    @Test
    void theHeadersSayWhetherAJobsRunHasEnded() {
        AuditEvent end = ended(RunEntry.Status.EXPIRED, null, null).event();
        var noJobs =
                new AuditRecord(RUN + "/end", AT, new Subject(RUN, null, "agent", null), 1, end);

        assertThat(AuditCodec.endsJob(CODEC.encode(record(end)).headers())).isTrue();
        assertThat(AuditCodec.endsJob(CODEC.encode(noJobs).headers())).isFalse();
        assertThat(
                        AuditCodec.endsJob(
                                CODEC.encode(record(new AuditEvent.RunStarted("w"))).headers()))
                .isFalse();
        assertThat(CODEC.encode(record(end)).headers())
                .noneMatch(header -> header.key().startsWith("ce_"));
    }

    @Test
    void whatALaterVersionSaysMeansNothing() {
        assertThat(
                        AuditCodec.decode(
                                """
                                {"specversion":"1.0","id":"1","source":"/s","type":"dev.sluice.run.pondered",
                                 "time":"2026-01-01T00:00:00Z","data":{}}\
                                """
                                        .getBytes(UTF_8)))
                .isEmpty();
        assertThat(
                        AuditCodec.decode(
                                """
                                {"specversion":"1.0","id":"1","source":"/s","type":"dev.sluice.run.started",
                                 "time":"2026-01-01T00:00:00Z","further":1,
                                 "data":{"worker":"w","further":{}}}\
                                """
                                        .getBytes(UTF_8)))
                .hasValueSatisfying(record ->
                        assertThat(record.event()).isEqualTo(new AuditEvent.RunStarted("w")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "{}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"dev.sluice.run.started\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"dev.sluice.run.started\","
                        + "\"time\":\"2026-01-01T00:00:00Z\",\"subject\":\"nothing\",\"data\":{}}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"dev.sluice.run.started\","
                        + "\"time\":\"2026-01-01T00:00:00Z\",\"attempt\":\"two\",\"data\":{}}"
            })
    void whatIsNoAuditEventIsSaidToBeNone(String value) {
        assertThatThrownBy(() -> AuditCodec.decode(value.getBytes(UTF_8)))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> AuditCodec.decode(null)).isInstanceOf(MalformedException.class);
    }

    @Test
    void withoutContentNothingIsLeftThatAnybodySaid() {
        assertThat(events().map(AuditEvent::withoutContent).map(Object::toString))
                .noneMatch(text ->
                        text.contains("Grüße")
                                || text.contains("Noon")
                                || text.contains("Tokyo")
                                || text.contains("no such city"));
    }
}
