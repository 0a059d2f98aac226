package dev.sluice.gateway.dialect.runs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunEvent;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.dialect.EventId;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;

final class EventJsonTest {
    private static final String USAGE =
            dev.sluice.gateway.dialect.chat.ChatJson.usage(Samples.USAGE).toString();

    static Stream<Arguments> events() {
        return Stream.of(
                Arguments.of(
                        new RunEvent.AttemptStarted("w"),
                        "\"type\":\"attempt_started\",\"worker\":\"w\""),
                Arguments.of(
                        new RunEvent.TextDelta(1, "a"),
                        "\"type\":\"text_delta\",\"turn\":1,\"text\":\"a\""),
                Arguments.of(
                        new RunEvent.ReasoningDelta(1, "a"),
                        "\"type\":\"reasoning_delta\",\"turn\":1,\"text\":\"a\""),
                Arguments.of(
                        new RunEvent.RefusalDelta(1, "a"),
                        "\"type\":\"refusal_delta\",\"turn\":1,\"text\":\"a\""),
                Arguments.of(
                        new RunEvent.ToolCallDelta(1, 0, "call_a", "f", "{"),
                        "\"type\":\"tool_call_delta\",\"turn\":1,\"index\":0,\"call_id\":\"call_a\","
                                + "\"name\":\"f\",\"arguments\":\"{\""),
                Arguments.of(
                        new RunEvent.ToolCallDelta(1, 0, "call_a", null, "}"),
                        "\"type\":\"tool_call_delta\",\"turn\":1,\"index\":0,\"call_id\":\"call_a\","
                                + "\"arguments\":\"}\""),
                Arguments.of(
                        new RunEvent.ProviderDelta(
                                1, Map.of("x", IntNode.valueOf(1)), Map.of(), Map.of()),
                        "\"type\":\"provider_delta\",\"turn\":1,\"chunk\":{\"x\":1},\"choice\":{},"
                                + "\"delta\":{}"),
                Arguments.of(
                        Samples.ASKING,
                        "\"type\":\"turn_completed\",\"turn\":1,\"model\":\"gpt\","
                                + "\"finish_reason\":\"tool_calls\",\"usage\":"
                                + USAGE
                                + ",\"message\":{\"role\":\"assistant\",\"content\":\"Let me see.\","
                                + "\"refusal\":null,\"tool_calls\":[{\"id\":\"call_ours\","
                                + "\"type\":\"function\",\"function\":{\"name\":\"demo__clock\","
                                + "\"arguments\":\"{}\"}}]}"),
                Arguments.of(
                        Samples.TOLD,
                        "\"type\":\"tool_completed\",\"turn\":1,\"call_id\":\"call_ours\","
                                + "\"tool\":\"demo__clock\",\"error\":false,\"duration_ms\":42,"
                                + "\"content\":\"12:00\""),
                Arguments.of(new RunEvent.TurnReset(2), "\"type\":\"turn_reset\",\"turn\":2"),
                Arguments.of(new RunEvent.CancelRequested(), "\"type\":\"cancel_requested\""),
                Arguments.of(
                        new RunEvent.RunCompleted(FinishReason.LENGTH, Samples.USAGE),
                        "\"type\":\"run_completed\",\"finish_reason\":\"length\",\"usage\":"
                                + USAGE),
                Arguments.of(
                        new RunEvent.RunFailed(new Failure.Internal(), Samples.USAGE),
                        "\"type\":\"run_failed\",\"error\":"
                                + dev.sluice.gateway.dialect.chat.ChatJson.error(
                                        new Failure.Internal())
                                + ",\"usage\":"
                                + USAGE),
                Arguments.of(
                        new RunEvent.RunCancelled(Samples.USAGE),
                        "\"type\":\"run_cancelled\",\"usage\":" + USAGE),
                Arguments.of(new RunEvent.Unknown("novel"), "\"type\":\"novel\""));
    }

    private static String json(long seq, String rest) {
        return "{\"run\":\"run_0199e0000000deadbeefdeadbeefdead\",\"seq\":%d,\"attempt\":1,\"at\":1790000000123,%s}"
                .formatted(seq, rest);
    }

    @ParameterizedTest
    @MethodSource("events")
    void everyEventIsAnObjectWithItsFieldsBesideThoseOfAll(RunEvent event, String rest) {
        assertThat(EventJson.of(Samples.reply(7, event))).hasToString(json(7, rest));
    }

    @Test
    void everyKindOfEventIsAmongThoseTried() {
        Set<Class<?>> tried = new HashSet<>();
        events().forEach(arguments ->
                tried.add(Objects.requireNonNull(arguments.get()[0]).getClass()));
        assertThat(tried)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.asList(RunEvent.class.getPermittedSubclasses()));
    }

    @Test
    void aFrameHasTheEventsTypeAsItsOwn() {
        Dialect.Stream stream = new EventsFormat().stream(Samples.RUN, "demo", Samples.AT);

        assertThat(stream.frames(Samples.reply(7, new RunEvent.TextDelta(1, "a\nb"))))
                .singleElement()
                .hasToString(
                        "event: text_delta\ndata: "
                                + json(7, "\"type\":\"text_delta\",\"turn\":1,\"text\":\"a\\nb\"")
                                + "\n\n");
        assertThat(stream.survives(new RunEvent.TurnReset(1))).isTrue();
        assertThat(stream.mark()).isNull();
        assertThat(stream.named(Buffer.buffer("event: x\ndata: {}\n\n"), new EventId(7, 42)))
                .hasToString("id: 7-42\nevent: x\ndata: {}\n\n");
    }

    @Test
    void aStreamThatEndsBeforeItsRunSaysSoInAnEventOfItsOwn() {
        String frame =
                new EventsFormat()
                        .stream(Samples.RUN, "demo", Samples.AT)
                                .failure(
                                        new Failure.CutShort(
                                                "run_x", Failure.CutShort.Cause.SHUTTING_DOWN))
                                .toString(UTF_8);

        assertThat(frame).startsWith("event: error\ndata: {\"error\":{").endsWith("}}\n\n");
        assertThat(
                        Json.MAPPER
                                .readTree(frame.substring(frame.indexOf('{')))
                                .at("/error/code")
                                .asString())
                .isEqualTo("shutting_down");
    }

    @Test
    void aListGoesOnBehindItsLastNumberedEvent() {
        ObjectNode list =
                EventJson.list(
                        List.of(
                                new EventJson.Numbered(
                                        Samples.reply(1, new RunEvent.TextDelta(1, "a")),
                                        new EventId(1, 50)),
                                new EventJson.Numbered(
                                        Samples.reply(0, new RunEvent.AttemptStarted("w")),
                                        new EventId(0, 51))),
                        true);

        assertThat(list.at("/data/0/id").asString()).isEqualTo("1-50");
        assertThat(list.at("/data/1/id").isNull()).isTrue();
        assertThat(list.at("/last_id").asString()).isEqualTo("1-50");
        assertThat(list.at("/has_more").asBoolean()).isTrue();
    }
}
