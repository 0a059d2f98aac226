package dev.sluice.embedded.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.embedded.model.chat.ChatRequest;
import dev.sluice.embedded.model.rule.Reply;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class DemoScriptTest {

    private static final List<String> TOOLS = List.of("demo__current_time", "demo__calculate");

    private final Playing demo = new Playing(Script.demo());

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    What time is it in Tokyo?             | Tokyo
                    time in New York                      | New York
                    what's the time in são paulo          | são paulo
                    Tell me the TIME IN Paris right now!  | Paris
                    What is the current time for Berlin, please? | Berlin,
                    """)
    void aQuestionForTheTimeCallsTheToolWithTheCity(String question, String city) {
        Playing.Cue cue = cue(question, List.of());

        assertThat(cue.rule()).isEqualTo("time asked");
        assertThat(cue.tools()).containsExactly("demo__current_time");
        assertThat(message(cue).at("/tool_calls/0/function/arguments").asString())
                .isEqualTo("{\"city\":\"" + city + "\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    what is 12*7            | 12*7
                    Calculate (3 + 4)^2.    | (3 + 4)^2
                    What's -3 * (2 - 5)?    | -3 * (2 - 5)
                    1/0 =                   | 1/0
                    how much is 10 % 3      | 10 % 3
                    """)
    void aSumCallsTheCalculator(String question, String expression) {
        Playing.Cue cue = cue(question, List.of());

        assertThat(cue.rule()).isEqualTo("sum asked");
        assertThat(message(cue).at("/tool_calls/0/function/arguments").asString())
                .isEqualTo("{\"expression\":\"" + expression + "\"}");
    }

    @Test
    void theToolsResultBecomesASentence() {
        Playing.Cue told = cue("What time is it in Tokyo?", List.of("11:30 on Saturday"));
        Playing.Cue failed = cue("What time is it in Foo?", List.of("No such city: Foo"));
        Playing.Cue sum = cue("what is 12*7?", List.of("84"));

        assertThat(text(told)).isEqualTo("In Tokyo it is 11:30 on Saturday.");
        assertThat(text(failed)).contains("could not find out").contains("No such city: Foo");
        assertThat(text(sum)).isEqualTo("12*7 = 84");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Hello", "Is it time?", "what is love", "My number is 12-34"})
    void anythingElseIsToldWhatTheDemoCanDo(String message) {
        Playing.Cue cue = cue(message, List.of());

        assertThat(cue.rule()).isEqualTo("fallback");
        assertThat(text(cue)).contains("Tokyo");
    }

    @Test
    void aStoryStreamsSlowlyWithReasoning() {
        Playing.Cue cue = cue("Tell me a story about a time in Paris", List.of());

        assertThat(cue.pace().tokensPerSecond()).isEqualTo(40);
        assertThat(message(cue).path("reasoning_content").asString()).isNotBlank();
    }

    @Test
    void withoutToolsNoToolIsCalled() {
        ChatRequest request = request("time in Rome", List.of(), List.of());

        assertThat(demo.cue(request).orElseThrow().rule()).isEqualTo("fallback");
    }

    private Playing.Cue cue(String user, List<String> toolResults) {
        return demo.cue(request(user, toolResults, TOOLS)).orElseThrow();
    }

    private static ChatRequest request(String user, List<String> toolResults, List<String> tools) {
        int turn = toolResults.isEmpty() ? 0 : 1;
        return new ChatRequest("scripted", false, false, user, toolResults, tools, turn, 0);
    }

    private static JsonNode message(Playing.Cue cue) {
        Reply.Answer answer = (Reply.Answer) cue.reply();
        return new Completion(answer, cue.values(), cue.tools(), 0).message();
    }

    private static String text(Playing.Cue cue) {
        return message(cue).path("content").asString();
    }
}
