package dev.sluice.gateway.dialect.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.Usage;
import dev.sluice.gateway.dialect.Dialect;
import dev.sluice.gateway.dialect.EventId;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

final class ChatStreamTest {
    private static final String HEAD =
            "\"id\":\"chatcmpl-0199e0000000deadbeefdeadbeefdead\",\"object\":\"chat.completion.chunk\","
                    + "\"created\":1790000000,\"model\":\"demo\",\"system_fingerprint\":\"fp_sluice\"";
    private static final String ROLE =
            frame("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null");

    private static String frame(String delta, String finishReason) {
        return ("data: {%s,\"choices\":[{\"index\":0,\"delta\":%s,\"logprobs\":null,"
                        + "\"finish_reason\":%s}]}\n\n")
                .formatted(HEAD, delta, finishReason);
    }

    private static JsonNode data(String frame) {
        return Json.MAPPER.readTree(frame.substring("data: ".length()));
    }

    @Test
    void aTextIsStreamedWithTheRoleFirstAndOneFinishReason() {
        assertThat(
                        Runs.stream(
                                new RunEvent.AttemptStarted("w"),
                                new RunEvent.TextDelta(1, "Hi"),
                                new RunEvent.TextDelta(1, " \"you\"\n\\ 🌍\u0001"),
                                Runs.STOP))
                .containsExactly(
                        ROLE,
                        frame("{\"content\":\"Hi\"}", "null"),
                        frame("{\"content\":\" \\\"you\\\"\\n\\\\ 🌍\\u0001\"}", "null"),
                        frame("{}", "\"stop\""),
                        "data: [DONE]\n\n");
    }

    @Test
    void reasoningRefusalAndToolCallsHaveTheirOwnDeltas() {
        assertThat(
                        Runs.stream(
                                new RunEvent.ReasoningDelta(1, "hm"),
                                new RunEvent.RefusalDelta(1, "no"),
                                new RunEvent.ToolCallDelta(1, 1, "call_b", "weather", ""),
                                new RunEvent.ToolCallDelta(1, 1, "call_b", null, "{\"a\""),
                                new RunEvent.RunCompleted(FinishReason.TOOL_CALLS, Usage.NONE)))
                .containsExactly(
                        ROLE,
                        frame("{\"reasoning_content\":\"hm\"}", "null"),
                        frame("{\"refusal\":\"no\"}", "null"),
                        frame(
                                "{\"tool_calls\":[{\"index\":1,\"id\":\"call_b\",\"type\":\"function\","
                                        + "\"function\":{\"name\":\"weather\",\"arguments\":\"\"}}]}",
                                "null"),
                        frame(
                                "{\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"{\\\"a\\\"\"}}]}",
                                "null"),
                        frame("{}", "\"tool_calls\""),
                        "data: [DONE]\n\n");
    }

    @Test
    void usageComesInALastChunkWithoutChoicesAndIsNullBefore() {
        // When
        List<String> frames =
                Runs.stream(true, List.of(new RunEvent.TextDelta(1, "Hi"), Runs.STOP));
        // Then
        assertThat(frames).hasSize(5).last().isEqualTo("data: [DONE]\n\n");
        assertThat(frames.subList(0, 3))
                .allSatisfy(frame -> assertThat(frame).endsWith("}],\"usage\":null}\n\n"));
        assertThat(frames.get(3))
                .isEqualTo(
                        "data: {"
                                + HEAD
                                + ",\"choices\":[],\"usage\":{\"prompt_tokens\":10,"
                                + "\"completion_tokens\":5,\"total_tokens\":15,"
                                + "\"prompt_tokens_details\":{\"cached_tokens\":3,\"audio_tokens\":0},"
                                + "\"completion_tokens_details\":{\"reasoning_tokens\":2,"
                                + "\"audio_tokens\":0,\"accepted_prediction_tokens\":0,"
                                + "\"rejected_prediction_tokens\":0}}}\n\n");
    }

    @Test
    void aFrameNamesItsEventBehindItsData() {
        Buffer frame = Buffer.buffer("data: {}\n\n");
        Dialect.Stream stream = new ChatFormat(false).stream(Runs.RUN, "demo", Runs.CREATED);
        assertThat(stream.named(frame, new EventId(7, 42))).hasToString("data: {}\nid: 7-42\n\n");
        assertThat(frame).hasToString("data: {}\n\n");
    }

    @Test
    void anAnswerOfNothingStillHasARole() {
        assertThat(Runs.stream(Runs.STOP))
                .containsExactly(ROLE, frame("{}", "\"stop\""), "data: [DONE]\n\n");
    }

    @Test
    void stepsAndUnknownEventsAddNothing() {
        List<RunEvent> unseen =
                Runs.RICH.stream()
                        .filter(event -> event.step() || event instanceof RunEvent.Unknown)
                        .toList();
        assertThat(unseen).hasSize(2);
        assertThat(Runs.stream(false, unseen)).isEmpty();
        assertThat(Runs.stream(new RunEvent.TextDelta(1, ""))).isEmpty();
    }

    @Test
    void theTextOfALaterTurnIsSetOffByABlankLineOnce() {
        assertThat(
                        Runs.stream(
                                new RunEvent.TextDelta(1, "a"),
                                new RunEvent.TextDelta(3, ""),
                                new RunEvent.TextDelta(3, "b"),
                                new RunEvent.TextDelta(3, "c")))
                .extracting(frame -> data(frame).at("/choices/0/delta/content").asString())
                .containsExactly("", "a", "\n\nb", "c");
        assertThat(Runs.stream(new RunEvent.TextDelta(2, "first words")))
                .last()
                .isEqualTo(frame("{\"content\":\"first words\"}", "null"));
    }

    @Test
    void aProvidersOwnFieldsStandWhereTheyStoodAndLastingOnesAreRepeated() {
        // When
        List<String> frames =
                Runs.stream(
                        new RunEvent.ProviderDelta(
                                1,
                                Runs.fields(
                                        "{\"id\":\"x\",\"obfuscation\":\"y\",\"system_fingerprint\":\"fp_1\",\"service_tier\":\"flex\"}"),
                                Map.of(),
                                Map.of()),
                        new RunEvent.ProviderDelta(
                                1,
                                Runs.fields("{\"provider\":\"p\",\"usage\":{}}"),
                                Runs.fields(
                                        "{\"logprobs\":{\"content\":[]},\"finish_reason\":\"x\"}"),
                                Runs.fields(
                                        "{\"annotations\":[1],\"content\":\"z\",\"audio\":null}")),
                        new RunEvent.ProviderDelta(
                                1, Map.of(), Runs.fields("{\"logprobs\":null}"), Map.of()),
                        new RunEvent.TextDelta(1, "a"));
        // Then
        String head = HEAD.replace("fp_sluice", "fp_1") + ",\"service_tier\":\"flex\"";
        assertThat(frames)
                .containsExactly(
                        ROLE.replace(HEAD, head),
                        "data: {"
                                + head
                                + ",\"choices\":[{\"index\":0,\"delta\":{\"annotations\":[1]},"
                                + "\"logprobs\":{\"content\":[]},\"finish_reason\":null}],"
                                + "\"provider\":\"p\"}\n\n",
                        frame("{\"content\":\"a\"}", "null").replace(HEAD, head));
    }

    @Test
    void aFailedRunEndsInAnErrorFrameAndIsNotDone() {
        assertThat(
                        Runs.stream(
                                new RunEvent.TextDelta(1, "a"),
                                new RunEvent.RunFailed(new Failure.UpstreamCut("p"), Usage.NONE)))
                .containsExactly(
                        ROLE,
                        frame("{\"content\":\"a\"}", "null"),
                        "data: {\"error\":{\"message\":\"The model provider `p` broke off its answer."
                                + " Please try again.\",\"type\":\"upstream_error\",\"param\":null,"
                                + "\"code\":\"upstream_cut\"}}\n\n");
    }

    @Test
    void aCancelledRunEndsInAnErrorFrameAndIsNotDone() {
        assertThat(Runs.stream(new RunEvent.RunCancelled(Usage.NONE)))
                .singleElement()
                .satisfies(frame ->
                        assertThat(data(frame).at("/error/code").asString())
                                .isEqualTo("run_cancelled"));
    }

    @ParameterizedTest
    @CsvSource({
        "STOP,stop",
        "LENGTH,length",
        "TOOL_CALLS,tool_calls",
        "CONTENT_FILTER,content_filter"
    })
    void theFinishReasonIsKept(FinishReason reason, String name) {
        RunEvent end = new RunEvent.RunCompleted(reason, Usage.NONE);
        assertThat(Runs.stream(end).get(1)).isEqualTo(frame("{}", "\"" + name + "\""));
        assertThat(Runs.whole(end).at("/choices/0/finish_reason").asString()).isEqualTo(name);
    }

    @Test
    void everyCharacterSurvives() {
        // Given
        StringBuilder all = new StringBuilder();
        for (int c = 0; c < 0x3000; c++) {
            all.appendCodePoint(c);
        }
        all.append("😀");
        // When
        List<String> frames = Runs.stream(new RunEvent.TextDelta(1, all.toString()));
        // Then
        assertThat(frames.getLast().strip()).doesNotContain("\n", "\r");
        assertThat(data(frames.getLast()).at("/choices/0/delta/content").asString())
                .isEqualTo(all.toString());
    }

    @Test
    void aSurrogatePairThatWasCutInTwoIsPassedOnInHalves() {
        // Given
        RunEvent high = new RunEvent.TextDelta(1, "a\"\ud83d");
        RunEvent low = new RunEvent.TextDelta(1, "\ude00b");
        // Then
        assertThat(Runs.stream(high, low))
                .containsExactly(
                        ROLE,
                        frame("{\"content\":\"a\\\"\\uD83D\"}", "null"),
                        frame("{\"content\":\"\\uDE00b\"}", "null"));
        assertThat(Runs.whole(high, low, Runs.STOP).at("/choices/0/message/content").asString())
                .isEqualTo("a\"😀b");
    }
}
