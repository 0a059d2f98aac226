package dev.sluice.bench.chaos.script;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Json;
import dev.sluice.common.run.Usage;
import dev.sluice.embedded.model.Script;
import dev.sluice.embedded.model.ScriptedModel;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The scripted model, asked as a worker asks it.
class ModelScriptIT {
    private static ScriptedModel model;
    private static HttpClient http;

    @BeforeAll
    static void start() {
        model = ScriptedModel.start(Script.parse(ModelScript.yaml(100_000)), 0);
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.close();
        model.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void theModelPlaysEveryErrandAndCountsItsTokensAsTheScriptDoes(long seed) throws Exception {
        Errands errands = new Errands("c" + seed, new Random(seed));
        for (int i = 0; i < 6; i++) {
            play(i % 3 == 0 ? errands.talk() : errands.work());
        }
    }

    @Test
    void aWaveringErrandIsAnsweredOtherwiseTheNextTime() throws Exception {
        Errand errand = new Errand("n", List.of(), "n a #0 b #0 c #0", true);
        ArrayNode messages = Json.MAPPER.createArrayNode();
        messages.addObject().put("role", "user").put("content", errand.prompt());

        String first = text(ask(messages));

        assertThat(text(ask(messages)))
                .isNotEqualTo(first)
                .matches(said -> errand.matches(errand.text(List.of()), said));
    }

    private static void play(Errand errand) throws IOException, InterruptedException {
        ArrayNode messages = Json.MAPPER.createArrayNode();
        messages.addObject().put("role", "user").put("content", errand.prompt());
        List<List<String>> results = new ArrayList<>();
        Usage usage = Usage.NONE;
        for (Errand.Round round : errand.rounds()) {
            JsonNode answer = ask(messages);
            usage = usage.plus(usage(answer));
            JsonNode message = answer.path("choices").path(0).path("message");
            assertThat(message.path("content").asString("")).isEqualTo(round.preface());
            messages.add(message);
            results.add(new ArrayList<>());
            for (int i = 0; i < round.calls().size(); i++) {
                Errand.Call call = round.calls().get(i);
                JsonNode made = message.path("tool_calls").path(i);
                assertThat(made.path("function").path("name").asString(""))
                        .isEqualTo(call.tool().modelName());
                assertThat(made.path("function").path("arguments").asString(""))
                        .isEqualTo(call.arguments());
                results.getLast().add(call.tool().result(call.key()));
                messages.addObject()
                        .put("role", "tool")
                        .put("tool_call_id", made.path("id").asString(""))
                        .put("content", call.tool().result(call.key()));
            }
        }
        JsonNode answer = ask(messages);
        List<String> last = results.isEmpty() ? List.of() : results.getLast();
        assertThat(text(answer)).matches(said -> errand.matches(errand.lastText(last), said));
        assertThat(usage.plus(usage(answer))).isEqualTo(errand.usage(results));
    }

    private static String text(JsonNode answer) {
        return answer.path("choices").path(0).path("message").path("content").asString("");
    }

    private static Usage usage(JsonNode answer) {
        JsonNode usage = answer.path("usage");
        return new Usage(
                usage.path("prompt_tokens").asLong(),
                usage.path("completion_tokens").asLong(),
                0,
                0);
    }

    private static JsonNode ask(ArrayNode messages) throws IOException, InterruptedException {
        ObjectNode body = Json.MAPPER.createObjectNode().put("model", "scripted");
        body.set("messages", messages);
        HttpResponse<String> response =
                http.send(
                        HttpRequest.newBuilder(model.baseUrl().resolve("/v1/chat/completions"))
                                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return Json.MAPPER.readTree(response.body());
    }
}
