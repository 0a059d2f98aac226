package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.InternalServerException;
import com.openai.errors.OpenAIException;
import com.openai.errors.RateLimitException;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What goes wrong behind the gateway, as its clients see it.
@WithSluice
class UpstreamErrorsIT {

    private final Sluice sluice;

    UpstreamErrorsIT(Sluice sluice) {
        this.sluice = sluice;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    { status: 500 }                                   | 502
                    { status: 503, malformed: true }                  | 502
                    { status: 401 }                                   | 502
                    { status: 403 }                                   | 502
                    { text: cut, cut_after: 0 }                       | 502
                    { text: cut short here, cut_after: 2 }            | 502
                    { text: garbage, malformed: true }                | 502
                    """)
    void aProviderThatFailsIsABadGateway(String reply, int status) {
        sluice.script("fallback: " + reply);
        OpenAIClient client = sluice.client();
        var failed =
                catchThrowableOfType(
                        InternalServerException.class,
                        () -> client.chat().completions().create(ask("plain")));
        assertThat(failed.statusCode()).isEqualTo(status);
        assertThat(failed.type()).hasValue("upstream_error");
        assertThat(failed.getMessage()).contains("scripted").doesNotContain("sk-upstream");
        assertThat(failed.headers().values("x-sluice-run-id")).hasSize(1);
        assertThat(failed.headers().values("x-should-retry")).isEmpty();
    }

    @Test
    void aProviderThatCannotBeReachedIsABadGateway() {
        HttpResponse<String> answer = sluice.gateway().ask("absent", "hi");
        ErrorsIT.assertError(answer, 502, "upstream_error");
        assertThat(answer.body()).contains("absent");
    }

    @Test
    void aToolServerThatCannotStartIsABadGatewayThatNamesIt() {
        HttpResponse<String> answer = sluice.gateway().ask("broken", "hi");
        ErrorsIT.assertError(answer, 502, "upstream_error");
        assertThat(Frames.error(answer.body()).path("message").asString()).contains("`broken`");
        sluice.asked(0);
    }

    @Test
    void aRequestThatTheProviderRefusesIsABadRequest() {
        sluice.script(
                """
                fallback:
                  status: 400
                  error: { message: Too many tokens., type: invalid_request_error,
                           param: messages, code: context_length_exceeded }
                """);
        HttpResponse<String> answer = sluice.gateway().ask("plain", "hi");
        ErrorsIT.assertError(answer, 400, "invalid_request_error");
        assertThat(Frames.error(answer.body()).path("code").asString())
                .isEqualTo("context_length_exceeded");
    }

    @Test
    void aProvidersRateLimitIsPassedOnWithItsRetryAfter() {
        sluice.script("fallback: { status: 429, headers: { Retry-After: '17' } }");
        OpenAIClient client = sluice.client();
        var limited =
                catchThrowableOfType(
                        RateLimitException.class,
                        () -> client.chat().completions().create(ask("plain")));
        assertThat(limited.headers().values("retry-after")).containsExactly("17");
    }

    @Test
    void aProviderThatFailsOnceIsAskedAgain() {
        sluice.script(
                """
                rules:
                  - when: { times: 1 }
                    reply: { status: 503 }
                fallback: { text: better now }
                """);
        assertThat(Frames.content(sluice.gateway().ask("plain", "hi").body()))
                .isEqualTo("better now");
        sluice.asked(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ text: never, hang_after: 0 }",
                "{ text: some words and then silence, hang_after: 2 }"
            })
    void aProviderThatFallsSilentIsATimeout(String reply) {
        sluice.script("fallback: " + reply);
        OpenAIClient client = sluice.client();
        var failed =
                catchThrowableOfType(
                        InternalServerException.class,
                        () -> client.chat().completions().create(ask("hasty")));
        assertThat(failed.statusCode()).isEqualTo(504);
        assertThat(failed.code()).hasValue("upstream_timeout");
    }

    @Test
    void aRunBeyondTheTimeItsClientAllowsIsATimeout() {
        sluice.script("fallback: { text: never, hang_after: 0 }");
        long began = System.nanoTime();
        HttpResponse<String> answer =
                sluice.gateway()
                        .send(
                                sluice.gateway()
                                        .chat(Gateway.body("plain", "hi"))
                                        .header("x-sluice-timeout", "400ms"));
        ErrorsIT.assertError(answer, 504, "server_error");
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(390), Duration.ofSeconds(3));
        assertThat(sluice.asked(1).getFirst().status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "-1s", "0", "1d"})
    void aTimeThatIsNoneIsABadRequest(String timeout) {
        HttpResponse<String> answer =
                sluice.gateway()
                        .send(
                                sluice.gateway()
                                        .chat(Gateway.body("plain", "hi"))
                                        .header("x-sluice-timeout", timeout));
        ErrorsIT.assertError(answer, 400, "invalid_request_error");
    }

    @Test
    void aStreamThatBreaksOffThrowsInTheClient() {
        sluice.script("fallback: { text: one two three four, cut_after: 2 }");
        List<String> seen = new ArrayList<>();
        try (StreamResponse<ChatCompletionChunk> chunks =
                sluice.client().chat().completions().createStreaming(ask("plain"))) {
            assertThatThrownBy(() ->
                            chunks.stream()
                                    .forEach(chunk ->
                                            chunk.choices()
                                                    .getFirst()
                                                    .delta()
                                                    .content()
                                                    .ifPresent(seen::add)))
                    .isInstanceOf(OpenAIException.class);
        }
        assertThat(String.join("", seen)).isEqualTo("one two");
    }

    @Test
    void aStreamThatBreaksOffEndsWithAnErrorAndIsNotDone() {
        sluice.script("fallback: { text: one two three four, cut_after: 2 }");
        HttpResponse<String> answer = sluice.gateway().ask("plain", "hi", "\"stream\":true");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).doesNotContain("[DONE]").doesNotContain("\"finish_reason\":\"");
        assertThat(Frames.text(answer.body())).isEqualTo("one two");
        assertThat(Frames.of(answer.body()).getLast().at("/error/code").asString())
                .isEqualTo("upstream_cut");
    }

    @Test
    void aStreamThatFailsBeforeItBeginsIsAnsweredWithAStatus() {
        sluice.script("fallback: { status: 500 }");
        HttpResponse<String> answer = sluice.gateway().ask("plain", "hi", "\"stream\":true");
        ErrorsIT.assertError(answer, 502, "upstream_error");
    }

    @Test
    void aRunThatFailsAfterAToolRanIsNotToBeRepeated() {
        sluice.script(
                """
                rules:
                  - when: { tool_result: any }
                    reply: { status: 500 }
                fallback:
                  tool_calls: [ { name: demo__calculate, arguments: { expression: 1+1 } } ]
                """);
        OpenAIClient client = sluice.client();
        var failed =
                catchThrowableOfType(
                        InternalServerException.class,
                        () -> client.chat().completions().create(ask("clock")));
        assertThat(failed.statusCode()).isEqualTo(502);
        assertThat(failed.headers().values("x-should-retry")).containsExactly("false");
    }

    private static ChatCompletionCreateParams ask(String agent) {
        return ChatCompletionCreateParams.builder().model(agent).addUserMessage("hi").build();
    }
}
