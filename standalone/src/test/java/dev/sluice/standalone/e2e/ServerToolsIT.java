package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.sluice.embedded.mcp.ToolInvocation;
import dev.sluice.embedded.model.Received;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@WithSluice
class ServerToolsIT {

    private final Sluice sluice;

    ServerToolsIT(Sluice sluice) {
        this.sluice = sluice;
    }

    @Test
    void theAnswerHoldsTheToolsResult() {
        sluice.script(
                """
                rules:
                  - when: { user: 'time in (\\w+)', tool_result: any }
                    reply: { text: 'In {{user.1}} it is {{tool_result}}.' }
                  - when: { user: 'time in (\\w+)' }
                    reply:
                      tool_calls:
                        - { name_matching: '.*current_time', arguments: { city: '{{user.1}}' } }
                """);
        ChatCompletion answer = ask("clock", "What time in Tokyo?");
        assertThat(content(answer)).startsWith("In Tokyo it is ").contains("(Asia/Tokyo, UTC+09");
        assertThat(answer.choices().getFirst().finishReason())
                .isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        assertThat(answer.choices().getFirst().message().toolCalls()).isEmpty();
        List<Received> asked = sluice.asked(2);
        JsonNode messages = asked.get(1).body().path("messages");
        assertThat(roles(messages)).containsExactly("user", "assistant", "tool");
        JsonNode call = messages.path(1).path("tool_calls").path(0);
        assertThat(call.at("/function/name").asString()).isEqualTo("demo__current_time");
        assertThat(call.at("/function/arguments").asString()).isEqualTo("{\"city\":\"Tokyo\"}");
        assertThat(messages.path(2).path("tool_call_id")).isEqualTo(call.path("id"));
        assertThat(messages.path(2).path("content").asString()).contains("Asia/Tokyo");
        assertThat(asked.get(0).body().path("tools")).hasSizeGreaterThan(4);
        assertThat(sluice.toolCalls())
                .extracting(ToolInvocation::tool)
                .containsExactly("current_time");
    }

    @Test
    void usageIsTheSumOfTheTurns() {
        sluice.script(
                """
                rules:
                  - when: { tool_result: any }
                    reply: { text: done, usage: { prompt_tokens: 30, completion_tokens: 4, total_tokens: 34 } }
                fallback:
                  tool_calls: [ { name_matching: '.*calculate', arguments: { expression: 1+1 } } ]
                  usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 }
                """);
        assertThat(ask("clock", "add").usage())
                .hasValueSatisfying(usage -> {
                    assertThat(usage.promptTokens()).isEqualTo(40);
                    assertThat(usage.completionTokens()).isEqualTo(6);
                    assertThat(usage.totalTokens()).isEqualTo(46);
                });
    }

    @Test
    void theCallsOfATurnRunTogetherAndTheirResultsKeepTheOrderOfTheCalls() {
        sluice.script(
                """
                rules:
                  - when: { tool_result: any }
                    reply: { text: done }
                fallback:
                  tool_calls:
                    - { name_matching: '.*wait', arguments: { seconds: 0.5 } }
                    - { name_matching: '.*calculate', arguments: { expression: 6*7 } }
                    - { name_matching: '.*wait', arguments: { seconds: 0.25 } }
                """);
        ask("clock", "do it all");
        JsonNode messages = sluice.asked(2).get(1).body().path("messages");
        assertThat(roles(messages)).containsExactly("user", "assistant", "tool", "tool", "tool");
        JsonNode calls = messages.path(1).path("tool_calls");
        assertThat(calls).hasSize(3);
        for (int i = 0; i < 3; i++) {
            assertThat(messages.path(2 + i).path("tool_call_id"))
                    .isEqualTo(calls.path(i).path("id"));
        }
        assertThat(calls.valueStream().map(call -> call.path("id").asString()).distinct())
                .hasSize(3);
        assertThat(messages.path(2).path("content").asString()).isEqualTo("Waited 0.5 s.");
        assertThat(messages.path(3).path("content").asString()).isEqualTo("42");
        assertThat(messages.path(4).path("content").asString()).isEqualTo("Waited 0.25 s.");
        List<ToolInvocation> ran = sluice.toolCalls();
        assertThat(ran).hasSize(3);
        ToolInvocation longest =
                ran.stream()
                        .filter(call -> call.arguments().containsValue(0.5))
                        .findFirst()
                        .orElseThrow();
        assertThat(ran).allSatisfy(call -> assertThat(call.started()).isBefore(longest.ended()));
    }

    @Test
    void anUnknownToolIsToldToTheModel() {
        assertThat(resultOf("{ name: demo__teleport, arguments: { to: Mars } }"))
                .contains("There is no tool demo__teleport")
                .contains("demo__current_time");
        assertThat(sluice.toolCalls()).isEmpty();
    }

    @Test
    void aToolThatFailsIsToldToTheModel() {
        assertThat(resultOf("{ name: demo__fail, arguments: { message: out of order } }"))
                .contains("out of order");
    }

    @Test
    void argumentsThatAToolRefusesAreToldToTheModel() {
        assertThat(resultOf("{ name: demo__current_time, arguments: { city: Atlantis } }"))
                .contains("Unknown city or time zone: Atlantis");
        assertThat(resultOf("{ name: demo__calculate, arguments: { expression: [1, 2] } }"))
                .isNotBlank();
        assertThat(resultOf("{ name: demo__wait, arguments: {} }")).isNotBlank();
    }

    @Test
    void aRunOutOfTurnsMustAnswerWithoutTools() {
        sluice.script(
                """
                rules:
                  - when: { has_tools: true }
                    reply:
                      tool_calls: [ { name_matching: '.*calculate', arguments: { expression: 1+1 } } ]
                fallback: { text: That is all. }
                """);
        assertThat(content(ask("brief", "count for ever"))).isEqualTo("That is all.");
        List<Received> asked = sluice.asked(3);
        assertThat(asked.get(1).body().has("tools")).isTrue();
        assertThat(asked.get(2).body().has("tools")).isFalse();
        assertThat(asked.get(2).body().has("tool_choice")).isFalse();
        assertThat(sluice.toolCalls()).hasSize(2);
    }

    @Test
    void aStreamShowsTheTextOfAllTurnsAndNoneOfTheServersCalls() {
        sluice.script(
                """
                rules:
                  - when: { tool_result: any }
                    reply: { text: 'It is {{tool_result}}.' }
                fallback:
                  text: Let me see.
                  tool_calls: [ { name_matching: '.*calculate', arguments: { expression: 6*7 } } ]
                """);
        String stream = sluice.gateway().ask("clock", "six times seven", "\"stream\":true").body();
        assertThat(stream).doesNotContain("tool_calls").endsWith("data: [DONE]\n\n");
        assertThat(Frames.text(stream)).isEqualTo("Let me see.\n\nIt is 42.");
        assertThat(stream.split("\"finish_reason\":\"stop\"", -1)).hasSize(2);
    }

    /// What the model is told of a call, after which the run comes to its end.
    private String resultOf(String call) {
        sluice.model().clearJournal();
        sluice.script(
                """
                rules:
                  - when: { tool_result: any }
                    reply: { text: I see. }
                fallback: { tool_calls: [ %s ] }
                """
                        .formatted(call));
        assertThat(content(ask("clock", "try"))).isEqualTo("I see.");
        JsonNode messages = sluice.asked(2).get(1).body().path("messages");
        assertThat(roles(messages)).containsExactly("user", "assistant", "tool");
        return messages.path(2).path("content").asString();
    }

    private ChatCompletion ask(String agent, String text) {
        return sluice.client()
                .chat()
                .completions()
                .create(
                        ChatCompletionCreateParams.builder()
                                .model(agent)
                                .addUserMessage(text)
                                .build());
    }

    private static String content(ChatCompletion answer) {
        return answer.choices().getFirst().message().content().orElseThrow();
    }

    private static List<String> roles(JsonNode messages) {
        return messages.valueStream().map(message -> message.path("role").asString()).toList();
    }
}
