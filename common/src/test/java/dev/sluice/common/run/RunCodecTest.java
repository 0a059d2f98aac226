package dev.sluice.common.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RunCodecTest {
    private static final RunId RUN = new RunId("run_0199e0000000deadbeefdeadbeefdead");
    private static final Instant AT = Instant.ofEpochMilli(1_790_000_000_123L);
    private static final ContentPart.ToolCall CALL =
            new ContentPart.ToolCall(
                    "call_0199e0000000deadbeefdeadbeefdead_1",
                    "clock__current_time",
                    "{\"city\":\"Tokyo\"}",
                    "call_0",
                    Map.of());

    /// What the golden file's lines say, in their order.
    static List<RunEvent> events() {
        return List.of(
                new RunEvent.AttemptStarted("worker-1"),
                new RunEvent.TextDelta(1, "Grüße \n\"you\" 🌍"),
                new RunEvent.ReasoningDelta(1, "hm"),
                new RunEvent.RefusalDelta(1, "no"),
                new RunEvent.ToolCallDelta(1, 0, CALL.id(), "weather", ""),
                new RunEvent.ToolCallDelta(1, 0, CALL.id(), null, "{\"a\""),
                new RunEvent.ProviderDelta(
                        1,
                        Map.of("system_fingerprint", Json.MAPPER.readTree("\"fp_1\"")),
                        Map.of("logprobs", Json.MAPPER.readTree("{\"content\":[]}")),
                        Map.of("annotations", Json.MAPPER.readTree("[1]"))),
                new RunEvent.TurnCompleted(
                        1,
                        new Message(
                                Message.Role.ASSISTANT,
                                List.of(
                                        new ContentPart.Reasoning("hm"),
                                        new ContentPart.Text("Let me see."),
                                        new ContentPart.Refusal("no"),
                                        CALL),
                                Map.of("annotations", Json.MAPPER.readTree("[1]"))),
                        FinishReason.TOOL_CALLS,
                        new Usage(10, 5, 3, 2),
                        "gpt-5-2025"),
                new RunEvent.ToolCompleted(
                        1,
                        CALL.name(),
                        ContentPart.ToolResult.text(CALL.id(), "12:00", false),
                        Duration.ofMillis(12)),
                new RunEvent.RunCompleted(FinishReason.STOP, new Usage(10, 5, 0, 0)),
                new RunEvent.RunFailed(
                        new Failure.UpstreamRateLimited("openai", Duration.ofSeconds(7)),
                        Usage.NONE),
                new RunEvent.RunFailed(
                        new Failure.InvalidRequest("messages", "too long", "context_length"),
                        Usage.NONE),
                new RunEvent.RunFailed(
                        new Failure.UpstreamTimedOut(
                                "openai", Failure.UpstreamTimedOut.Phase.FIRST_TOKEN),
                        Usage.NONE),
                new RunEvent.RunCancelled(new Usage(1, 0, 0, 0)),
                new RunEvent.TurnReset(2),
                new RunEvent.CancelRequested());
    }

    static Stream<Failure> failures() {
        return Stream.of(
                new Failure.Unauthenticated(true),
                new Failure.AgentNotFound("a"),
                new Failure.NotPermitted("admin"),
                new Failure.RouteNotFound("/x"),
                new Failure.MethodNotAllowed("PUT", List.of("GET")),
                new Failure.BodyTooLarge(10),
                new Failure.UnsupportedMediaType("text/plain"),
                new Failure.RateLimited(60, Duration.ofSeconds(2)),
                new Failure.Unavailable(
                        Failure.Unavailable.Reason.TOO_MANY_WAITING, Duration.ofSeconds(1)),
                new Failure.Unavailable(
                        Failure.Unavailable.Reason.WORKERS_BUSY, Duration.ofSeconds(31)),
                new Failure.RunNotFound("run_x", Duration.ofHours(24)),
                new Failure.IdempotencyConflict(),
                new Failure.CutShort("run_x", Failure.CutShort.Cause.TURN_RESET),
                new Failure.Overdue("run_x", "queued"),
                new Failure.UpstreamRateLimited("p", null),
                new Failure.UpstreamFailed("p", 500),
                new Failure.UpstreamUnreachable("p"),
                new Failure.UpstreamUnreadable("p"),
                new Failure.UpstreamCut("p"),
                new Failure.ToolSourceUnavailable("clock"),
                new Failure.DeadlineExceeded(),
                new Failure.Cancelled(),
                new Failure.WorkerLost(),
                new Failure.Internal());
    }

    private static Reply reply(long seq, RunEvent event) {
        return new Reply(RUN, 2, "c1a1m", seq, AT, event);
    }

    @Test
    void everyEventIsWrittenAsTheGoldenFileHasIt() throws IOException {
        // When
        List<RunEvent> events = events();
        String written =
                Stream.iterate(0, i -> i < events.size(), i -> i + 1)
                        .map(i -> new String(RunCodec.encode(reply(i, events.get(i))), UTF_8))
                        .collect(Collectors.joining("\n", "", "\n"));
        // Then
        assertThat(written).isEqualTo(golden("replies.jsonl"));
        assertThat(events.stream().map(Object::getClass).distinct().count())
                .as("every kind of event, but the one for those of later versions")
                .isEqualTo(RunEvent.class.getPermittedSubclasses().length - 1);
    }

    @Test
    void whatTheGoldenFileHasIsReadBack() throws IOException {
        // When
        List<Reply> read =
                golden("replies.jsonl")
                        .lines()
                        .map(line -> RunCodec.decodeReply(line.getBytes(UTF_8)))
                        .toList();
        // Then
        assertThat(read).extracting(Reply::event).isEqualTo(events());
        assertThat(read).extracting(Reply::seq).startsWith(0L, 1L, 2L);
        assertThat(read).first().isEqualTo(reply(0, events().getFirst()));
    }

    @Test
    void aRequestIsWrittenAsTheGoldenFileHasItAndReadBack() throws IOException {
        // Given
        RunRequest request =
                new RunRequest(
                        RUN,
                        "researcher",
                        "dev",
                        List.of(
                                Message.text(Message.Role.SYSTEM, "Be brief."),
                                new Message(
                                        Message.Role.USER,
                                        List.of(
                                                new ContentPart.Text("What is this?"),
                                                new ContentPart.Image(
                                                        "data:image/png;base64,AA==",
                                                        "low",
                                                        Map.of()),
                                                new ContentPart.File(
                                                        "file-1", null, null, Map.of()),
                                                new ContentPart.Verbatim(
                                                        Map.of(
                                                                "type",
                                                                Json.MAPPER.readTree(
                                                                        "\"input_audio\"")))),
                                        Map.of("name", Json.MAPPER.readTree("\"ada\"")))),
                        List.of(
                                new ToolDefinition(
                                        "weather",
                                        "Tells the weather.",
                                        Json.MAPPER.readTree("{\"type\":\"object\"}"),
                                        Map.of("strict", Json.MAPPER.readTree("true")))),
                        Map.of("temperature", Json.MAPPER.readTree("0.5")),
                        Map.of("ticket", "42"),
                        RunRequest.OnDisconnect.CONTINUE,
                        true,
                        Lane.BATCH,
                        3,
                        1234,
                        0,
                        AT,
                        AT.plusSeconds(600));
        // When
        byte[] written = RunCodec.encode(request);
        // Then
        assertThat(new String(written, UTF_8) + "\n").isEqualTo(golden("request.json"));
        assertThat(RunCodec.decodeRequest(written)).isEqualTo(request);
    }

    @Test
    void aControlMessageIsReadBack() {
        // When
        byte[] written = RunCodec.encode(new Control.Cancel(RUN));
        // Then
        assertThat(new String(written, UTF_8))
                .isEqualTo("{\"v\":1,\"type\":\"cancel\",\"run\":\"" + RUN + "\"}");
        assertThat(RunCodec.decodeControl(written)).isEqualTo(new Control.Cancel(RUN));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void everyFailureIsReadBack(Failure failure) {
        // Given
        Reply reply = reply(1, new RunEvent.RunFailed(failure, Usage.NONE));
        // When
        Reply read = RunCodec.decodeReply(RunCodec.encode(reply));
        // Then
        assertThat(read).isEqualTo(reply);
    }

    @Test
    void anEventOfALaterVersionKeepsItsNumber() {
        // When
        Reply read =
                RunCodec.decodeReply(
                        """
                        {"v":9,"run":"run_1","attempt":1,"claim":"c","seq":7,"at":5,\
                        "novel":[1,{}],"type":"handed_off","to":{"agent":"x"}}\
                        """
                                .getBytes(UTF_8));
        // Then
        assertThat(read.seq()).isEqualTo(7);
        assertThat(read.event()).isEqualTo(new RunEvent.Unknown("handed_off"));
    }

    @Test
    void fieldsThatAreNotKnownAreIgnored() {
        // When
        Reply read =
                RunCodec.decodeReply(
                        """
                        {"v":1,"run":"run_1","attempt":1,"claim":"c","seq":7,"at":5,\
                        "type":"text_delta","turn":1,"text":"hi","novel":{"a":[]}}\
                        """
                                .getBytes(UTF_8));
        // Then
        assertThat(read.event()).isEqualTo(new RunEvent.TextDelta(1, "hi"));
    }

    @Test
    void aFailureOfALaterVersionIsAnInternalOne() {
        // When
        Reply read =
                RunCodec.decodeReply(
                        """
                        {"v":1,"run":"run_1","attempt":1,"claim":"c","seq":7,"at":5,\
                        "type":"run_failed","failure":{"type":"novel","x":1},\
                        "usage":{"input":0,"output":0,"cached_input":0,"reasoning":0}}\
                        """
                                .getBytes(UTF_8));
        // Then
        assertThat(read.event())
                .isEqualTo(new RunEvent.RunFailed(new Failure.Internal(), Usage.NONE));
    }

    @Test
    void absentCollectionsOfARequestAreEmpty() {
        // When
        RunRequest read =
                RunCodec.decodeRequest(
                        """
                        {"v":1,"run":"run_1","agent":"a","novel":true,"reply_partition":0,\
                        "journal_from":0,"attempt_floor":0,"accepted_at":"2026-01-01T00:00:00Z",\
                        "deadline":"2026-01-01T00:10:00Z"}\
                        """
                                .getBytes(UTF_8));
        // Then
        assertThat(read.messages()).isEmpty();
        assertThat(read.tools()).isEmpty();
        assertThat(read.parameters()).isEmpty();
        assertThat(read.key()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "'', INTERACTIVE",
        "'\"lane\":null,', INTERACTIVE",
        "'\"lane\":\"interactive\",', INTERACTIVE",
        "'\"lane\":\"batch\",\"lanes\":2,', BATCH"
    })
    void aRequestThatNamesNoLaneIsInteractive(String field, Lane lane) {
        // When
        RunRequest read =
                RunCodec.decodeRequest(
                        """
                        {"v":1,"run":"run_1","agent":"a",%s"reply_partition":0,"journal_from":0,\
                        "attempt_floor":0,"accepted_at":"2026-01-01T00:00:00Z",\
                        "deadline":"2026-01-01T00:10:00Z"}\
                        """
                                .formatted(field)
                                .getBytes(UTF_8));
        // Then
        assertThat(read.lane()).isEqualTo(lane);
        assertThat(read.above(3).lane()).isEqualTo(lane);
        assertThat(read.withoutContent().lane()).isEqualTo(lane);
    }

    static Stream<Arguments> jobs() {
        String whole =
                """
                "job":{"id":"j-1","source":"/shop","reply_topic":"shop.answers",\
                "reply_partition":3,"correlation_id":"c","cloud_event":true},\
                """;
        return Stream.of(
                Arguments.of("", null),
                Arguments.of("\"job\":null,", null),
                Arguments.of(
                        "\"job\":{\"id\":\"j-1\",\"novel\":[1]},\"jobs\":2,",
                        new JobOrigin("j-1", "", null, null, null, false)),
                Arguments.of(whole, new JobOrigin("j-1", "/shop", "shop.answers", 3, "c", true)));
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void aRequestSaysWhichJobItIs(String field, @Nullable JobOrigin job) {
        // When
        RunRequest read =
                RunCodec.decodeRequest(
                        """
                        {"v":1,"run":"run_1","agent":"a",%s"reply_partition":0,"journal_from":0,\
                        "attempt_floor":0,"accepted_at":"2026-01-01T00:00:00Z",\
                        "deadline":"2026-01-01T00:10:00Z"}\
                        """
                                .formatted(field)
                                .getBytes(UTF_8));
        // Then
        assertThat(read.job()).isEqualTo(job);
        assertThat(RunCodec.decodeRequest(RunCodec.encode(read.above(3))).job()).isEqualTo(job);
        assertThat(read.withoutContent().job()).isEqualTo(job);
    }

    @Test
    void aRequestAsAnotherRunHasAsMuchTimeAsItHad() {
        JobOrigin job = new JobOrigin("j-1", "", null, null, null, false);
        RunRequest ended =
                new RunRequest(
                        RUN,
                        "a",
                        "k",
                        List.of(Message.text(Message.Role.USER, "hi")),
                        List.of(),
                        Map.of(),
                        Map.of("ticket", "42"),
                        RunRequest.OnDisconnect.CONTINUE,
                        true,
                        Lane.BATCH,
                        3,
                        1234,
                        7,
                        AT,
                        AT.plusSeconds(60),
                        job);

        RunRequest anew = ended.as(new RunId("run_2"), 5678, AT.plusSeconds(1000));

        assertThat(anew.run()).isEqualTo(new RunId("run_2"));
        assertThat(anew.journalFrom()).isEqualTo(5678);
        assertThat(anew.attemptFloor()).isZero();
        assertThat(anew.deadline()).isEqualTo(AT.plusSeconds(1060));
        assertThat(anew.messages()).isEqualTo(ended.messages());
        assertThat(anew.lane()).isEqualTo(Lane.BATCH);
        assertThat(anew.job()).isEqualTo(job);
    }

    @Test
    void aRequestOfALaterVersionIsRefusedByName() {
        assertThatThrownBy(() -> RunCodec.decodeRequest("{\"v\":2}".getBytes(UTF_8)))
                .isInstanceOf(RunCodec.UndecodableException.class)
                .hasMessage("a request of version 2");
    }

    @Test
    void aRecordWithoutAValueIsRefused() {
        assertThatThrownBy(() -> RunCodec.decodeRequest(null))
                .isInstanceOf(RunCodec.UndecodableException.class);
        assertThatThrownBy(() -> RunCodec.decodeReply(null))
                .isInstanceOf(RunCodec.UndecodableException.class);
        assertThatThrownBy(() -> RunCodec.decodeControl(null))
                .isInstanceOf(RunCodec.UndecodableException.class);
    }

    @Test
    void aControlMessageWithoutARunIsRefused() {
        assertThatThrownBy(() ->
                        RunCodec.decodeControl("{\"v\":1,\"type\":\"cancel\"}".getBytes(UTF_8)))
                .isInstanceOf(RunCodec.UndecodableException.class);
    }

    @Test
    void garbageIsRefused() {
        for (String garbage : List.of("", "null", "[]", "{", "{\"v\":1}", "\"x\"")) {
            assertThatThrownBy(() -> RunCodec.decodeReply(garbage.getBytes(UTF_8)))
                    .as(garbage)
                    .isInstanceOf(RunCodec.UndecodableException.class);
            assertThatThrownBy(() -> RunCodec.decodeRequest(garbage.getBytes(UTF_8)))
                    .as(garbage)
                    .isInstanceOf(RunCodec.UndecodableException.class);
            assertThatThrownBy(() -> RunCodec.decodeControl(garbage.getBytes(UTF_8)))
                    .as(garbage)
                    .isInstanceOf(RunCodec.UndecodableException.class);
        }
    }

    private static String golden(String name) throws IOException {
        try (InputStream file = RunCodecTest.class.getResourceAsStream("/golden/" + name)) {
            return new String(Objects.requireNonNull(file, name).readAllBytes(), UTF_8);
        }
    }

    @Test
    void everyFailureIsAmongThoseTried() {
        Set<Object> tried = new HashSet<>();
        failures().forEach(failure -> tried.add(failure.getClass()));
        for (RunEvent event : events()) {
            if (event instanceof RunEvent.RunFailed(Failure failure, _)) {
                tried.add(failure.getClass());
            }
        }
        assertThat(tried).contains((Object[]) Failure.class.getPermittedSubclasses());
    }
}
