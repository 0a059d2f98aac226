package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.UnauthorizedException;
import com.openai.errors.UnexpectedStatusCodeException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageParam;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What the gateway itself refuses, as OpenAI's client and plain HTTP see it.
@WithSluice
class ErrorsIT {

    private final Sluice sluice;

    ErrorsIT(Sluice sluice) {
        this.sluice = sluice;
    }

    @Test
    void whatAnAgentCannotDoIsABadRequestThatNamesTheParameter() {
        var refused = refused(BadRequestException.class, "sk-main", "plain", ask -> ask.n(2));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.param()).hasValue("n");
        assertThat(refused.type()).hasValue("invalid_request_error");
    }

    @Test
    void aConversationWithoutMessagesIsABadRequest() {
        List<ChatCompletionMessageParam> none = List.of();
        var refused =
                refused(BadRequestException.class, "sk-main", "plain", ask -> ask.messages(none));
        assertThat(refused.param()).hasValue("messages");
    }

    @Test
    void aClientsToolNamedLikeOneOfTheAgentsIsABadRequest() {
        HttpResponse<String> answer =
                sluice.gateway()
                        .ask(
                                "clock",
                                "hi",
                                """
                                "tools":[{"type":"function","function":{"name":"demo__calculate",
                                "parameters":{"type":"object"}}}]\
                                """);
        assertError(answer, 400, "invalid_request_error");
        assertThat(Frames.error(answer.body()).path("param").asString())
                .isEqualTo("tools[0].function.name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sk-wrong", "sk-expired", "sk-main ", "SK-MAIN"})
    void aKeyThatIsNotValidIsUnauthorized(String key) {
        // The client's own headers take no white space at the end.
        String sent = key.strip().equals(key) ? key : key.strip() + "x";
        var refused = refused(UnauthorizedException.class, sent, "plain", _ -> {});
        assertThat(refused.code()).hasValue("invalid_api_key");
        assertThat(refused.getMessage()).doesNotContain(sent);
    }

    @Test
    void aRequestWithoutAKeyIsUnauthorized() {
        HttpResponse<String> answer =
                sluice.gateway()
                        .send(
                                HttpRequest.newBuilder(sluice.gateway().at("/v1/chat/completions"))
                                        .header("Content-Type", "application/json")
                                        .POST(
                                                HttpRequest.BodyPublishers.ofString(
                                                        Gateway.body("plain", "hi"))));
        assertError(answer, 401, "invalid_request_error");
        assertThat(Frames.error(answer.body()).path("code").asString())
                .isEqualTo("invalid_api_key");
    }

    @Test
    void aHashedKeyIsTakenInEitherHeader() {
        sluice.script("fallback: { text: ok }");
        sluice.gateway().client("sk-hashed").models().list();
        HttpResponse<String> answer =
                sluice.gateway()
                        .send(
                                HttpRequest.newBuilder(sluice.gateway().at("/v1/models"))
                                        .header("X-API-Key", "sk-hashed"));
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    void anAgentThatIsNotThereIsNotFound() {
        var refused = refused(NotFoundException.class, "sk-main", "nobody", _ -> {});
        assertThat(refused.code()).hasValue("model_not_found");
        assertThat(refused.getMessage()).contains("nobody");
        OpenAIClient client = sluice.client();
        assertThatThrownBy(() -> client.models().retrieve("nobody"))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void anAgentThatAKeyMayNotUseIsNotFound() {
        var refused = refused(NotFoundException.class, "sk-narrow", "clock", _ -> {});
        assertThat(refused.code()).hasValue("model_not_found");
        OpenAIClient client = sluice.gateway().client("sk-narrow");
        assertThatThrownBy(() -> client.models().retrieve("clock"))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void aBodyAboveTheLimitIsTooLarge() {
        var refused =
                refused(
                        UnexpectedStatusCodeException.class,
                        "sk-main",
                        "plain",
                        ask -> ask.addUserMessage("x".repeat(9 << 20)));
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(refused.type()).hasValue("invalid_request_error");
    }

    @Test
    void aBodyThatIsNotSaidToBeJsonIsUnsupported() {
        for (String type : List.of("text/plain", "application/x-www-form-urlencoded")) {
            HttpResponse<String> answer =
                    sluice.gateway()
                            .send(
                                    sluice.gateway()
                                            .chat(Gateway.body("plain", "hi"))
                                            .setHeader("Content-Type", type));
            assertError(answer, 415, "invalid_request_error");
        }
    }

    @Test
    void aMethodThatARouteHasNotIsNotAllowed() {
        HttpResponse<String> answer =
                sluice.gateway().send(sluice.gateway().request("/v1/chat/completions").GET());
        assertError(answer, 405, "invalid_request_error");
        assertThat(answer.headers().firstValue("allow")).hasValue("POST");
        HttpResponse<String> models =
                sluice.gateway()
                        .send(
                                sluice.gateway()
                                        .request("/v1/models")
                                        .POST(HttpRequest.BodyPublishers.noBody()));
        assertError(models, 405, "invalid_request_error");
        assertThat(models.headers().firstValue("allow")).hasValue("GET");
    }

    @Test
    void aRouteThatIsNotThereIsNotFound() {
        assertError(
                sluice.gateway().send(sluice.gateway().request("/v1/nothing")),
                404,
                "invalid_request_error");
    }

    @Test
    void everyAnswerNamesItsRequestAndEveryRunItsRun() {
        sluice.script("fallback: { text: ok }");
        HttpResponse<String> own =
                sluice.gateway()
                        .send(
                                sluice.gateway()
                                        .chat(Gateway.body("plain", "hi"))
                                        .header("x-request-id", "order-66:a.b_c"));
        assertThat(own.headers().firstValue("x-request-id")).hasValue("order-66:a.b_c");
        assertThat(own.headers().firstValue("x-sluice-run-id"))
                .hasValueSatisfying(run -> assertThat(run).startsWith("run_"));
        HttpResponse<String> insane =
                sluice.gateway()
                        .send(
                                sluice.gateway()
                                        .request("/v1/models")
                                        .header("x-request-id", "a b <script>"));
        assertThat(insane.headers().firstValue("x-request-id"))
                .hasValueSatisfying(id -> assertThat(id).startsWith("req_"));
        assertThat(sluice.gateway().ask("nobody", "hi").headers().firstValue("x-request-id"))
                .isPresent();
    }

    @Test
    void moreWaitingClientsThanAllowedAreTurnedAway() throws Exception {
        sluice.script("fallback: { text: slow answer, hang_after: 1 }");
        try (Gateway narrow =
                sluice.gateway(
                        sluice.settings()
                                .with(
                                        "gateway",
                                        "{ port: 0, max_waiting: 1, drain_timeout: 1s }"))) {
            var waiting =
                    narrow.http()
                            .sendAsync(
                                    narrow.chat(Gateway.body("plain", "hi")).build(),
                                    HttpResponse.BodyHandlers.ofString());
            sluice.awaitAsked(_ -> true);
            OpenAIClient client = narrow.client();
            var refused =
                    catchThrowableOfType(
                            InternalServerException.class,
                            () -> client.chat().completions().create(ask("plain").build()));
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().values("retry-after")).hasSize(1);
            sluice.asked(1);
            waiting.cancel(true);
        }
    }

    static void assertError(HttpResponse<String> answer, int status, String type) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type"))
                .hasValueSatisfying(value -> assertThat(value).startsWith("application/json"));
        JsonNode error = Frames.error(answer.body());
        assertThat(error.propertyNames())
                .containsExactlyInAnyOrder("message", "type", "param", "code");
        assertThat(error.path("type").asString()).isEqualTo(type);
        assertThat(error.path("message").asString()).isNotBlank();
        assertThat(answer.headers().firstValue("x-request-id")).isPresent();
    }

    private <E extends OpenAIServiceException> E refused(
            Class<E> as,
            String key,
            String agent,
            Consumer<ChatCompletionCreateParams.Builder> more) {
        ChatCompletionCreateParams.Builder ask = ask(agent);
        more.accept(ask);
        OpenAIClient client = sluice.gateway().client(key);
        E refused = catchThrowableOfType(as, () -> client.chat().completions().create(ask.build()));
        assertThat(refused).isNotNull();
        sluice.asked(0);
        return refused;
    }

    private static ChatCompletionCreateParams.Builder ask(String agent) {
        return ChatCompletionCreateParams.builder().model(agent).addUserMessage("hi");
    }
}
