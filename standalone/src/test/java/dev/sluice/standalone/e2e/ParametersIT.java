package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.core.JsonValue;
import com.openai.models.ReasoningEffort;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.StructuredChatCompletion;
import com.openai.models.chat.completions.StructuredChatCompletionCreateParams;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@WithSluice
class ParametersIT {

    private final Sluice sluice;

    ParametersIT(Sluice sluice) {
        this.sluice = sluice;
    }

    /// What the model is to fill in; public, because the client's own mapping wants it so.
    public static class City {
        public String name = "";
        public int inhabitants;
    }

    @Test
    void theClientsParametersBeatTheAgents() {
        JsonNode asked =
                asked(
                        ask("tuned")
                                .temperature(0.9)
                                .putAdditionalBodyProperty(
                                        "my_switch", JsonValue.from(Map.of("on", true)))
                                .build());
        assertThat(asked.path("model").asString()).isEqualTo("gpt-scripted");
        assertThat(asked.path("temperature").asDouble()).isEqualTo(0.9);
        assertThat(asked.path("top_p").asDouble()).isEqualTo(0.5);
        assertThat(asked.path("seed").asInt()).isEqualTo(7);
        assertThat(asked.path("house_style").asString()).isEqualTo("plain");
        assertThat(asked.at("/my_switch/on").asBoolean()).isTrue();
        assertThat(asked.path("stream").asBoolean()).isTrue();
    }

    @Test
    void whatIsNestedTooDeepIsRefusedAndAllElseRuns() {
        sluice.script("fallback: { text: ok }");
        int deepest = 0;
        for (int depth = 120; depth < 140; depth++) {
            String nested = "\"extra\":" + "[".repeat(depth) + "]".repeat(depth);
            int status = sluice.gateway().ask("plain", "hi", nested).statusCode();
            assertThat(status).as("depth %d", depth).isIn(200, 400);
            deepest = status == 200 ? depth : deepest;
        }
        assertThat(deepest).isBetween(120, 138);
    }

    @Test
    void parametersReachTheModelAsTheyAre() {
        JsonNode asked =
                asked(
                        ask("plain")
                                .maxCompletionTokens(100)
                                .stopOfStrings(List.of("END", "STOP"))
                                .frequencyPenalty(0.25)
                                .presencePenalty(-0.5)
                                .putAdditionalBodyProperty("seed", JsonValue.from(42))
                                .reasoningEffort(ReasoningEffort.LOW)
                                .putAdditionalBodyProperty("user", JsonValue.from("somebody"))
                                .metadata(
                                        ChatCompletionCreateParams.Metadata.builder()
                                                .putAdditionalProperty(
                                                        "order", JsonValue.from("12"))
                                                .build())
                                .build());
        JsonNode expected =
                JsonMapper.shared()
                        .readTree(
                                """
                                {"max_completion_tokens":100,"stop":["END","STOP"],
                                 "frequency_penalty":0.25,"presence_penalty":-0.5,"seed":42,
                                 "reasoning_effort":"low","user":"somebody","metadata":{"order":"12"}}
                                """);
        expected.forEachEntry(
                (name, value) -> assertThat(asked.path(name)).as(name).isEqualTo(value));
    }

    @Test
    void structuredOutputIsPassedThrough() {
        sluice.script("fallback: { text: '{\"name\":\"Porto\",\"inhabitants\":231800}' }");
        StructuredChatCompletionCreateParams<City> params =
                ask("plain").responseFormat(City.class).build();
        StructuredChatCompletion<City> answer = sluice.client().chat().completions().create(params);
        City city = answer.choices().getFirst().message().content().orElseThrow();
        assertThat(city.name).isEqualTo("Porto");
        assertThat(city.inhabitants).isEqualTo(231800);
        JsonNode format = sluice.asked(1).getFirst().body().path("response_format");
        assertThat(format.path("type").asString()).isEqualTo("json_schema");
        assertThat(format.at("/json_schema/schema/properties/inhabitants/type").asString())
                .isEqualTo("integer");
    }

    @Test
    void theAgentsInstructionsComeBeforeTheClients() {
        assertThat(instructions(ask("tuned").addSystemMessage("Be brief.").build()))
                .containsExactly("Be kind.", "Be brief.");
        assertThat(instructions(ask("tuned").build())).containsExactly("Be kind.");
    }

    @Test
    void theClientsInstructionsReplaceTheAgentsWhereThatIsTheMode() {
        assertThat(instructions(ask("replaced").addDeveloperMessage("Be brief.").build()))
                .containsExactly("Be brief.");
        assertThat(instructions(ask("replaced").build())).containsExactly("Be kind.");
    }

    private static ChatCompletionCreateParams.Builder ask(String agent) {
        return ChatCompletionCreateParams.builder().model(agent).addUserMessage("hello");
    }

    private List<String> instructions(ChatCompletionCreateParams params) {
        return asked(params)
                .path("messages")
                .valueStream()
                .filter(message ->
                        List.of("system", "developer").contains(message.path("role").asString()))
                .map(message -> message.path("content").asString())
                .toList();
    }

    private JsonNode asked(ChatCompletionCreateParams params) {
        sluice.model().clearJournal();
        sluice.script("fallback: { text: ok }");
        sluice.client().chat().completions().create(params);
        return sluice.asked(1).getFirst().body();
    }
}
