package dev.sluice.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.errors.RateLimitException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

@WithSluice
class LimitsIT {

    private final Sluice sluice;

    LimitsIT(Sluice sluice) {
        this.sluice = sluice;
    }

    @Test
    void aKeyBeyondItsRateIsToldWhenToComeAgain() {
        sluice.script("fallback: { text: ok }");
        for (int left = 2; left >= 0; left--) {
            HttpResponse<String> passed = ask(sluice.gateway(), "sk-limited").join();
            assertThat(passed.statusCode()).isEqualTo(200);
            assertThat(passed.headers().firstValue("x-ratelimit-limit-requests")).hasValue("3");
            assertThat(passed.headers().firstValue("x-ratelimit-remaining-requests"))
                    .hasValue(String.valueOf(left));
            assertThat(passed.headers().firstValue("x-ratelimit-reset-requests")).isPresent();
        }
        OpenAIClient client = sluice.gateway().client("sk-limited");
        var limited =
                catchThrowableOfType(
                        RateLimitException.class,
                        () ->
                                client.chat()
                                        .completions()
                                        .create(
                                                ChatCompletionCreateParams.builder()
                                                        .model("plain")
                                                        .addUserMessage("hi")
                                                        .build()));
        assertThat(limited.code()).hasValue("rate_limit_exceeded");
        assertThat(limited.headers().values("retry-after"))
                .singleElement()
                .satisfies(after -> assertThat(Integer.parseInt(after)).isBetween(1, 60));
        sluice.asked(3);
    }

    @Test
    void aRateIsExactOverSeveralGateways() {
        sluice.script("fallback: { text: ok }");
        try (Gateway second = sluice.gateway(sluice.settings())) {
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                answers.add(ask(sluice.gateway(), "sk-shared"));
                answers.add(ask(second, "sk-shared"));
            }
            List<Integer> statuses =
                    answers.stream().map(answer -> answer.join().statusCode()).sorted().toList();
            assertThat(statuses.subList(0, 20)).containsOnly(200);
            assertThat(statuses.subList(20, 40)).containsOnly(429);
        }
        sluice.asked(20);
    }

    private static CompletableFuture<HttpResponse<String>> ask(Gateway gateway, String key) {
        return gateway.http()
                .sendAsync(
                        gateway.chat(Gateway.body("plain", "hi"))
                                .setHeader("Authorization", "Bearer " + key)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
