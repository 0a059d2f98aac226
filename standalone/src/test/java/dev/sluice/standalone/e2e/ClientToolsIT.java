package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@WithSluice
class ClientToolsIT {

    private static final String MIXED =
            """
            rules:
              - when: { tool_result: any }
                reply: { text: 'Known: {{tool_result}}' }
            fallback:
              tool_calls:
                - { name: demo__calculate, arguments: { expression: 6*7 } }
                - { name: ask_user, arguments: { question: Which one? } }
            """;

    private final Sluice sluice;

    ClientToolsIT(Sluice sluice) {
        this.sluice = sluice;
    }

    @Test
    void aClientsToolIsCalledByTheClientBetweenTwoRequests() {
        sluice.script(
                """
                rules:
                  - when: { tool_result: any }
                    reply: { text: 'The user said {{tool_result}}' }
                fallback:
                  tool_calls:
                    - { name: ask_user, arguments: { question: Which one? } }
                    - { name: ask_user, arguments: { question: How many? } }
                """);
        ChatCompletion first = create(sluice.client(), question("plain"));
        assertThat(first.choices().getFirst().finishReason())
                .isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
        List<ChatCompletionMessageFunctionToolCall> calls = calls(first);
        assertThat(calls)
                .extracting(call -> call.function().arguments())
                .containsExactly("{\"question\":\"Which one?\"}", "{\"question\":\"How many?\"}");
        ChatCompletion second =
                create(sluice.client(), answered("plain", first, "the red one", "two"));
        assertThat(second.choices().getFirst().message().content())
                .hasValueSatisfying(text -> assertThat(text).contains("the red one", "two"));
        JsonNode messages = sluice.asked(2).get(1).body().path("messages");
        assertThat(roles(messages)).containsExactly("user", "assistant", "tool", "tool");
        for (int i = 0; i < 2; i++) {
            assertThat(messages.path(2 + i).path("tool_call_id"))
                    .isEqualTo(messages.path(1).path("tool_calls").path(i).path("id"));
        }
    }

    @Test
    void aStreamHandsOutTheCallsOfTheClientsTools() {
        sluice.script(MIXED);
        ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> chunks =
                sluice.client().chat().completions().createStreaming(question("clock"))) {
            chunks.stream()
                    .forEach(chunk -> {
                        chunk.choices()
                                .getFirst()
                                .delta()
                                .toolCalls()
                                .ifPresent(deltas ->
                                        assertThat(deltas)
                                                .allSatisfy(delta ->
                                                        assertThat(delta.index()).isZero()));
                        accumulator.accumulate(chunk);
                    });
        }
        ChatCompletion answer = accumulator.chatCompletion();
        assertThat(answer.choices().getFirst().finishReason())
                .isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
        assertThat(calls(answer))
                .singleElement()
                .satisfies(call -> {
                    assertThat(call.id()).isNotBlank();
                    assertThat(call.function().name()).isEqualTo("ask_user");
                    assertThat(call.function().arguments())
                            .isEqualTo("{\"question\":\"Which one?\"}");
                });
    }

    @Test
    void theNextRequestCarriesOnWithWhatTheServersToolsDid() {
        sluice.script(MIXED);
        ChatCompletion first = create(sluice.client(), question("clock"));
        assertThat(calls(first))
                .extracting(call -> call.function().name())
                .containsExactly("ask_user");
        ChatCompletion second = create(sluice.client(), answered("clock", first, "the red one"));
        assertThat(second.choices().getFirst().message().content())
                .hasValueSatisfying(text -> assertThat(text).contains("42", "the red one"));
        JsonNode messages = sluice.asked(2).get(1).body().path("messages");
        assertThat(roles(messages)).containsExactly("user", "assistant", "tool", "tool");
        assertThat(messages.path(1).path("tool_calls"))
                .extracting(call -> call.at("/function/name").asString())
                .containsExactly("demo__calculate", "ask_user");
        for (int i = 0; i < 2; i++) {
            assertThat(messages.path(2 + i).path("tool_call_id"))
                    .isEqualTo(messages.path(1).path("tool_calls").path(i).path("id"));
        }
        assertThat(messages.path(2).path("content").asString()).isEqualTo("42");
        assertThat(messages.path(3).path("content").asString()).isEqualTo("the red one");
        assertThat(sluice.toolCalls()).hasSize(1);
    }

    @Test
    void theModelIsToldWhereWhatTheServersToolsDidIsNoLongerKept() throws IOException {
        sluice.script(MIXED);
        ChatCompletion first = create(sluice.client(), question("clock"));
        sluice.redis(
                "EVAL \"for _, k in ipairs(redis.call('KEYS', '*continuation*')) do"
                        + " redis.call('DEL', k) end return 'gone'\" 0");
        create(sluice.client(), answered("clock", first, "the red one"));
        assertThatNothingIsKnownOfTheServersCall();
    }

    @Test
    void anotherKeyCannotCarryOn() {
        sluice.script(MIXED);
        ChatCompletion first = create(sluice.client(), question("clock"));
        create(sluice.gateway().client("sk-other"), answered("clock", first, "the red one"));
        assertThatNothingIsKnownOfTheServersCall();
    }

    private void assertThatNothingIsKnownOfTheServersCall() {
        JsonNode messages = sluice.asked(2).get(1).body().path("messages");
        assertThat(roles(messages)).containsExactly("user", "assistant", "tool");
        assertThat(messages.path(1).path("tool_calls"))
                .extracting(call -> call.at("/function/name").asString())
                .containsExactly("ask_user");
        assertThat(messages.path(2).path("content").toString())
                .contains("the red one", "outcome is unknown")
                .doesNotContain("42");
    }

    private static ChatCompletion create(OpenAIClient client, ChatCompletionCreateParams params) {
        return client.chat().completions().create(params);
    }

    private static ChatCompletionCreateParams question(String agent) {
        return ChatCompletionCreateParams.builder()
                .model(agent)
                .addUserMessage("Get me something.")
                .addTool(
                        ChatCompletionFunctionTool.builder()
                                .function(
                                        FunctionDefinition.builder()
                                                .name("ask_user")
                                                .description("Asks the user.")
                                                .parameters(
                                                        FunctionParameters.builder()
                                                                .putAdditionalProperty(
                                                                        "type",
                                                                        JsonValue.from("object"))
                                                                .putAdditionalProperty(
                                                                        "properties",
                                                                        JsonValue.from(Map.of()))
                                                                .build())
                                                .build())
                                .build())
                .build();
    }

    private static ChatCompletionCreateParams answered(
            String agent, ChatCompletion first, String... results) {
        ChatCompletionMessage message = first.choices().getFirst().message();
        ChatCompletionCreateParams.Builder next =
                question(agent).toBuilder().addMessage(message.toParam());
        List<ChatCompletionMessageFunctionToolCall> calls = calls(first);
        for (int i = 0; i < calls.size(); i++) {
            next.addMessage(
                    ChatCompletionToolMessageParam.builder()
                            .toolCallId(calls.get(i).id())
                            .content(results[i])
                            .build());
        }
        return next.build();
    }

    private static List<ChatCompletionMessageFunctionToolCall> calls(ChatCompletion answer) {
        return answer.choices().getFirst().message().toolCalls().orElseThrow().stream()
                .map(call -> call.asFunction())
                .toList();
    }

    private static List<String> roles(JsonNode messages) {
        return messages.valueStream().map(message -> message.path("role").asString()).toList();
    }
}
