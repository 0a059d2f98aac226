package dev.sluice.worker.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.InvalidRequest;
import dev.sluice.common.run.Failure.UpstreamFailed;
import dev.sluice.common.run.Failure.UpstreamRateLimited;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.provider.Outcome.Broken;
import dev.sluice.worker.provider.openai.Prompts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorRepliesTest {
    private final ErrorReplies replies =
            new ErrorReplies("p", new Secrets(List.of("sk-secret-long", "sk-secret")));

    @ParameterizedTest
    @CsvSource({
        "401, false",
        "403, false",
        "402, false",
        "302, false",
        "408, true",
        "409, true",
        "500, true",
        "502, true",
        "503, true",
        "529, true"
    })
    void statusesThatAreNotTheClientsFault(int status, boolean again) {
        Broken broken = of(status, "{'error':{'message':'x','param':'y'}}");
        assertThat(broken.failure()).isEqualTo(new UpstreamFailed("p", status));
        assertThat(broken.again()).isEqualTo(again);
        assertThat(broken.status()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 413, 422})
    void errorsOfTheRequestGoToTheClient(int status) {
        Broken broken = of(status, "{'error':{'message':'bad','param':'temperature','code':'c'}}");
        assertThat(broken.failure()).isEqualTo(new InvalidRequest("temperature", "bad", "c"));
        assertThat(broken.again()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'error':{'message':'bad','param':null,'code':400}}",
                "[{'error':{'message':'bad'}}]",
                "{'object':'error','message':'bad','code':400}"
            })
    void otherShapesOfTheSameAreRead(String body) {
        assertThat(of(400, body).failure()).isEqualTo(new InvalidRequest(null, "bad", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>",
                "{}",
                "[]",
                "{'error':'bad'}",
                "{'error':{}}",
                "{'detail':'Not Found'}",
                "{'error':{'message':'The model `x` does not exist','code':'model_not_found'}}",
                "{'error':{'message':'Model x not found'}}",
                "{'error':{'message':'Invalid URL (POST /v2/chat/completions)'}}"
            })
    void whatTheClientDidNotChooseIsNotItsFault(String body) {
        assertThat(of(404, body).failure()).isEqualTo(new UpstreamFailed("p", 404));
    }

    @Test
    void aModelThatIsNotFoundIsNeverTheClientsFault() {
        assertThat(of(400, "{'error':{'message':'no','code':'model_not_found'}}").failure())
                .isEqualTo(new UpstreamFailed("p", 400));
    }

    @Test
    void tooManyRequestsAreTriedAgainUnlessTheQuotaIsUsedUp() {
        Duration wait = Duration.ofSeconds(3);
        assertThat(replies.of(429, wait, bytes("{'error':{'code':'rate_limit_exceeded'}}")))
                .isEqualTo(
                        new Broken(
                                new UpstreamRateLimited("p", wait), Usage.NONE, 429, true, wait));
        assertThat(of(429, "{'error':{'code':'insufficient_quota'}}").again()).isFalse();
    }

    @Test
    void secretsAreRemovedAndLongMessagesCut() {
        String problem = "x".repeat(990) + " sk-secret-long sk-secret " + "y".repeat(5_000);
        Failure failure =
                of(
                                400,
                                "{'error':{'message':'"
                                        + problem
                                        + "','param':'sk-secret','code':'sk-secret'}}")
                        .failure();
        assertThat(failure)
                .isEqualTo(new InvalidRequest("***", "x".repeat(990) + " *** *** …", "***"));
    }

    @Test
    void aCutNeverHalvesACharacter() {
        String problem = "x".repeat(998) + "😀".repeat(10);
        Failure failure = of(400, "{'error':{'message':'" + problem + "'}}").failure();
        assertThat(failure).isEqualTo(new InvalidRequest(null, "x".repeat(998) + "…", null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'code':503} | 503",
                "{'code':'502','message':'x'} | 502",
                "{'code':'server_error'} | 500",
                "{'code':200} | 500",
                "{'message':'x'} | 500",
                "'text' | 500"
            },
            quoteCharacter = '~')
    void anErrorWithinTheStreamCountsAsItsCode(String error, int status) {
        Usage usage = new Usage(1, 2, 0, 0);
        assertThat(replies.within(Prompts.json(error.replace('\'', '"')), usage, false))
                .isEqualTo(new Broken(new UpstreamFailed("p", status), usage, status, false, null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'code':429} | true",
                "{'code':'502'} | true",
                "{'code':408} | true",
                "{'code':400} | false",
                "{'code':'server_error'} | false",
                "{'message':'x'} | false"
            },
            quoteCharacter = '~')
    void anErrorBeforeTheAnswerIsTriedAgainIfItsCodeSaysThatItMayPass(String error, boolean again) {
        assertThat(replies.within(Prompts.json(error.replace('\'', '"')), Usage.NONE, true).again())
                .isEqualTo(again);
    }

    @Test
    void anErrorWithinTheStreamMayBeOfTheRequest() {
        assertThat(
                        replies.within(
                                        Prompts.json("{\"code\":400,\"message\":\"too long\"}"),
                                        Usage.NONE,
                                        true)
                                .failure())
                .isEqualTo(new InvalidRequest(null, "too long", null));
    }

    private Broken of(int status, String body) {
        return replies.of(status, null, bytes(body));
    }

    private static byte[] bytes(String body) {
        return body.replace('\'', '"').getBytes(UTF_8);
    }
}
