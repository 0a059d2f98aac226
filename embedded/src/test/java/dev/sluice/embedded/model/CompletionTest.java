package dev.sluice.embedded.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.embedded.model.chat.ChatRequest;
import dev.sluice.embedded.model.rule.Reply;
import dev.sluice.embedded.model.rule.Template;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CompletionTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Template.Values NOTHING =
            new Template.Values("", List.of(), "", List.of(), 1);

    @Test
    void aTemplateMayNameTheRequest() {
        assertThat(completion("{ text: 'asked {{request}}' }").message().path("content").asString())
                .isEqualTo("asked 1");
    }

    @Test
    void theDeltasPutTogetherAreTheMessage() {
        Completion completion =
                completion(
                        "{ text: 'a \"b\" \u00e9', reasoning: 'why not', repeat: 3, extra: { x: 1 } }");

        StringBuilder text = new StringBuilder();
        StringBuilder reasoning = new StringBuilder();
        for (long i = 0; i < completion.chunks(); i++) {
            JsonNode delta = delta(completion, i);
            assertThat(delta.path("x").asInt()).isEqualTo(1);
            text.append(delta.path("content").asString(""));
            reasoning.append(delta.path("reasoning_content").asString(""));
        }
        assertThat(text).hasToString(completion.message().path("content").asString());
        assertThat(text).hasToString("a \"b\" é a \"b\" é a \"b\" é");
        assertThat(reasoning).hasToString("why not");
        assertThat(completion.usage().path("completion_tokens").asInt()).isEqualTo(11);
        assertThat(completion.usage().at("/completion_tokens_details/reasoning_tokens").asInt())
                .isEqualTo(2);
    }

    @Test
    void aToolCallBeginsWithItsNameAndGoesOnInFragments() {
        Completion completion =
                completion(
                        "{ tool_calls: [{ name: t, arguments: { city: New York City } },"
                                + " { name: u, id: mine }] }");

        assertThat(delta(completion, 0).at("/tool_calls/0"))
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"index":0,"id":"call_0","type":"function",
                                 "function":{"name":"t","arguments":""}}
                                """));
        assertThat(
                        delta(completion, 1).at("/tool_calls/0/function/arguments").asString()
                                + delta(completion, 2)
                                        .at("/tool_calls/0/function/arguments")
                                        .asString())
                .isEqualTo("{\"city\":\"New York City\"}".substring(0, 24));
        assertThat(delta(completion, 3).at("/tool_calls/0/id").asString()).isEqualTo("mine");
        assertThat(completion.finishReason()).isEqualTo("tool_calls");
        assertThat(completion.message().path("content").isNull()).isTrue();
    }

    @Test
    void usageGivenByTheScriptReplacesWhatIsCounted() {
        Completion completion = completion("{ text: a b, usage: { prompt_tokens: 7 } }");

        assertThat(completion.usage().path("total_tokens").asInt()).isEqualTo(9);
    }

    private static JsonNode delta(Completion completion, long index) {
        StringBuilder json = new StringBuilder();
        completion.appendDelta(index, json);
        return JSON.readTree(json.toString());
    }

    private static Completion completion(String reply) {
        Script script = Script.parse("rules: [{ reply: " + reply + " }]");
        Playing.Cue cue =
                new Playing(script)
                        .cue(new ChatRequest("m", true, true, "", List.of(), List.of(), 0, 3))
                        .orElseThrow();
        return new Completion((Reply.Answer) cue.reply(), NOTHING, cue.tools(), 3);
    }
}
