package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.models.Model;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

@WithSluice
class ChatIT {

    private final Sluice sluice;

    ChatIT(Sluice sluice) {
        this.sluice = sluice;
    }

    @Test
    void agentsAreListedAsModels() {
        List<Model> models = sluice.client().models().list().data();
        assertThat(models).extracting(Model::id).contains("plain", "clock", "tuned");
        assertThat(models).allSatisfy(model -> assertThat(model.created()).isPositive());
    }

    @Test
    void anAgentIsRetrievedAsAModel() {
        Model model = sluice.client().models().retrieve("plain");
        assertThat(model.validate().id()).isEqualTo("plain");
    }

    @Test
    void aKeySeesOnlyTheAgentsItMayUse() {
        List<Model> models = sluice.gateway().client("sk-narrow").models().list().data();
        assertThat(models).extracting(Model::id).containsExactly("plain");
    }

    @Test
    void anAnswerIsAValidChatCompletion() {
        sluice.script("fallback: { text: 'You said: {{user}}' }");
        ChatCompletion answer = sluice.client().chat().completions().create(hello());
        assertThat(answer.model()).isEqualTo("plain");
        assertThat(answer.choices()).hasSize(1);
        ChatCompletion.Choice choice = answer.choices().getFirst();
        assertThat(choice.message().content()).hasValue("You said: hello there");
        assertThat(choice.message().refusal()).isEmpty();
        assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        assertThat(answer.usage())
                .hasValueSatisfying(usage -> {
                    assertThat(usage.completionTokens()).isEqualTo(4);
                    assertThat(usage.promptTokens()).isPositive();
                    assertThat(usage.totalTokens())
                            .isEqualTo(usage.promptTokens() + usage.completionTokens());
                });
    }

    @Test
    void aStreamHasNoEmptyChoicesAndNoUsageUnlessAsked() {
        sluice.script("fallback: { text: 'You said: {{user}}' }");
        List<ChatCompletionChunk> chunks = stream(hello());
        assertThat(chunks)
                .allSatisfy(chunk -> {
                    assertThat(chunk.choices()).hasSize(1);
                    assertThat(chunk.usage()).isEmpty();
                    assertThat(chunk.model()).isEqualTo("plain");
                    assertThat(chunk.id()).isEqualTo(chunks.getFirst().id());
                });
        assertThat(chunks.getFirst().choices().getFirst().delta().role())
                .hasValue(ChatCompletionChunk.Choice.Delta.Role.ASSISTANT);
        assertThat(text(chunks)).isEqualTo("You said: hello there");
        assertThat(chunks)
                .filteredOn(chunk -> chunk.choices().getFirst().finishReason().isPresent())
                .containsExactly(chunks.getLast());
    }

    @Test
    void aStreamEndsWithItsUsageWhereThatIsWanted() {
        sluice.script("fallback: { text: 'You said: {{user}}' }");
        List<ChatCompletionChunk> chunks =
                stream(
                        hello().toBuilder()
                                .streamOptions(
                                        ChatCompletionStreamOptions.builder()
                                                .includeUsage(true)
                                                .build())
                                .build());
        assertThat(chunks.getLast().choices()).isEmpty();
        assertThat(chunks.getLast().usage())
                .hasValueSatisfying(usage -> assertThat(usage.completionTokens()).isEqualTo(4));
        assertThat(chunks.subList(0, chunks.size() - 1))
                .allSatisfy(chunk -> assertThat(chunk.choices()).hasSize(1));
        ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
        chunks.forEach(accumulator::accumulate);
        assertThat(accumulator.chatCompletion().choices().getFirst().message().content())
                .hasValue("You said: hello there");
    }

    @Test
    void aStreamIsOneWriteAnEventAndEndsWithDone() {
        sluice.script("fallback: { text: one two three }");
        HttpResponse<String> answer =
                sluice.gateway()
                        .send(
                                sluice.gateway()
                                        .chat(
                                                """
                                                {"model":"plain","stream":true,
                                                 "messages":[{"role":"user","content":"hi"}]}\
                                                """)
                                        .header("x-request-id", "mine-1"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type"))
                .hasValue("text/event-stream; charset=utf-8");
        assertThat(answer.headers().firstValue("x-request-id")).hasValue("mine-1");
        assertThat(answer.headers().firstValue("x-sluice-run-id")).isPresent();
        assertThat(answer.body()).endsWith("\n\ndata: [DONE]\n\n").doesNotContain("\r");
        assertThat(answer.body().split("\n\n"))
                .allSatisfy(event -> assertThat(event).startsWith("data: "));
    }

    @Test
    void aLengthFinishReasonIsKept() {
        sluice.script("fallback: { text: cut short, finish_reason: length }");
        ChatCompletion answer = sluice.client().chat().completions().create(hello());
        assertThat(answer.choices().getFirst().finishReason())
                .isEqualTo(ChatCompletion.Choice.FinishReason.LENGTH);
        assertThat(stream(hello()).getLast().choices().getFirst().finishReason())
                .hasValue(ChatCompletionChunk.Choice.FinishReason.LENGTH);
    }

    @Test
    void reasoningIsPassedOnInTheFieldThatClientsKnow() {
        sluice.script("fallback: { reasoning: Let me think., text: Done. }");
        String whole = sluice.gateway().ask("plain", "hi").body();
        assertThat(whole).contains("\"reasoning_content\":\"Let me think.\"");
        assertThat(Frames.content(whole)).isEqualTo("Done.");
        String stream = sluice.gateway().ask("plain", "hi", "\"stream\":true").body();
        assertThat(Frames.text(stream)).isEqualTo("Done.");
        assertThat(
                        Frames.of(stream).stream()
                                .map(frame ->
                                        frame.at("/choices/0/delta/reasoning_content").asString(""))
                                .reduce("", String::concat))
                .isEqualTo("Let me think.");
    }

    private static ChatCompletionCreateParams hello() {
        return ChatCompletionCreateParams.builder()
                .model("plain")
                .addUserMessage("hello there")
                .build();
    }

    private List<ChatCompletionChunk> stream(ChatCompletionCreateParams params) {
        try (StreamResponse<ChatCompletionChunk> chunks =
                sluice.client().chat().completions().createStreaming(params)) {
            return chunks.stream().toList();
        }
    }

    private static String text(List<ChatCompletionChunk> chunks) {
        return chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .map(choice -> choice.delta().content().orElse(""))
                .reduce("", String::concat);
    }
}
