package dev.sluice.gateway.dialect.chat;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.Usage;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class ChatWholeTest {

    private static RunEvent delta(String fields) {
        return new RunEvent.ProviderDelta(1, Map.of(), Map.of(), Runs.fields(fields));
    }

    @Test
    void aRunBecomesOneCompletion() {
        assertThat(Runs.whole(Runs.RICH).toString())
                .isEqualTo(
                        """
                        {"id":"chatcmpl-0199e0000000deadbeefdeadbeefdead","object":"chat.completion",\
                        "created":1790000000,"model":"demo","choices":[{"index":0,"message":\
                        {"role":"assistant","content":"Let me see.\\n\\nIt is \\"12\\"\\n– 🌍",\
                        "refusal":"no","reasoning_content":"hm","tool_calls":[\
                        {"id":"call_a","type":"function","function":\
                        {"name":"weather","arguments":"{\\"a\\":1}"}},\
                        {"id":"call_b","type":"function","function":\
                        {"name":"clock","arguments":"{}"}}]},\
                        "logprobs":{"content":[\
                        {"token":"It","logprob":-0.5,"bytes":null,"top_logprobs":[]},\
                        {"token":"is","logprob":-0.5,"bytes":null,"top_logprobs":[]}],\
                        "refusal":null},"finish_reason":"tool_calls"}],\
                        "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,\
                        "prompt_tokens_details":{"cached_tokens":3,"audio_tokens":0},\
                        "completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0,\
                        "accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},\
                        "system_fingerprint":"fp_1","service_tier":"flex"}\
                        """);
    }

    @Test
    void whatIsStreamedAddsUpToTheWhole() {
        // Given
        JsonNode message = Runs.whole(Runs.RICH).at("/choices/0/message");
        // When
        var deltas =
                Runs.stream(true, Runs.RICH).stream()
                        .filter(frame -> frame.startsWith("data: {"))
                        .map(frame -> Json.MAPPER.readTree(frame.substring(6)))
                        .map(chunk -> chunk.at("/choices/0/delta"))
                        .toList();
        // Then
        for (String field : new String[] {"content", "reasoning_content", "refusal"}) {
            assertThat(
                            deltas.stream()
                                    .map(delta -> delta.path(field).asString(""))
                                    .collect(joining()))
                    .as(field)
                    .isEqualTo(message.get(field).asString());
        }
    }

    @Test
    void contentIsNullWhereThereAreOnlyCalls() {
        JsonNode message =
                Runs.whole(
                                new RunEvent.ToolCallDelta(1, 0, "c", "f", "{}"),
                                new RunEvent.RunCompleted(FinishReason.TOOL_CALLS, Usage.NONE))
                        .at("/choices/0/message");
        assertThat(message.get("content").isNull()).isTrue();
        assertThat(message.get("refusal").isNull()).isTrue();
    }

    @Test
    void anAnswerOfNothingIsAnEmptyText() {
        JsonNode choice = Runs.whole(Runs.STOP).at("/choices/0");
        assertThat(choice.toString())
                .isEqualTo(
                        """
                        {"index":0,"message":{"role":"assistant","content":"","refusal":null},\
                        "logprobs":null,"finish_reason":"stop"}\
                        """);
    }

    @Test
    void aProvidersOwnFieldsAreMergedOverTheirPieces() {
        JsonNode message =
                Runs.whole(
                                delta(
                                        "{\"annotations\":[1],\"reasoning\":\"a\",\"audio\":{\"id\":\"x\"}}"),
                                delta(
                                        "{\"annotations\":[2],\"reasoning\":\"b\",\"audio\":{\"n\":1}}"),
                                delta(
                                        "{\"annotations\":null,\"content\":\"no\",\"audio\":{\"n\":2}}"),
                                Runs.STOP)
                        .at("/choices/0/message");
        assertThat(message.toString())
                .isEqualTo(
                        """
                        {"role":"assistant","content":"","refusal":null,"annotations":[1,2],\
                        "reasoning":"ab","audio":{"id":"x","n":2}}\
                        """);
    }

    @Test
    void fieldsOfChunksAndChoicesAreReplacedAndNotJoined() {
        JsonNode body =
                Runs.whole(
                        Runs.provided(
                                "{\"provider\":\"p\",\"id\":\"x\"}", "{\"stop_reason\":\"a\"}"),
                        Runs.provided("{\"provider\":\"q\"}", "{\"stop_reason\":\"b\"}"),
                        Runs.STOP);
        assertThat(body.get("provider").asString()).isEqualTo("q");
        assertThat(body.get("id").asString()).startsWith("chatcmpl-");
        assertThat(body.at("/choices/0/stop_reason").asString()).isEqualTo("b");
    }

    @Test
    void encodingTwiceGivesTheSameTwice() {
        assertThat(Runs.whole(Runs.RICH)).isEqualTo(Runs.whole(Runs.RICH));
    }
}
