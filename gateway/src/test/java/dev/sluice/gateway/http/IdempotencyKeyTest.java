package dev.sluice.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

final class IdempotencyKeyTest {
    private static String digest(String body) {
        return IdempotencyKey.digest(Buffer.buffer(body));
    }

    @Test
    void howTheAnswerIsDeliveredAndHowTheBodyIsSetOutMakeNoOtherRequest() {
        assertThat(digest("{ \"model\": \"m\",\n \"stream\": true }"))
                .isEqualTo(digest("{\"model\":\"m\"}"))
                .isEqualTo(
                        digest(
                                "{\"model\":\"m\",\"stream_options\":{\"include_usage\":true},\"stream\":false}"))
                .matches("[0-9a-f]{64}");
    }

    @Test
    void whateverElseDiffersMakesAnother() {
        assertThat(digest("{\"model\":\"m\",\"seed\":1}"))
                .isNotEqualTo(digest("{\"model\":\"m\",\"seed\":2}"))
                .isNotEqualTo(digest("{\"model\":\"m\"}"));
    }

    @Test
    void theRunIsThatOfTheClientTheRouteAndTheKey() {
        IdempotencyKey key = new IdempotencyKey("k");
        assertThat(key.run("main", "/v1/runs"))
                .isEqualTo(new IdempotencyKey("k").run("main", "/v1/runs"))
                .isNotEqualTo(key.run("other", "/v1/runs"))
                .isNotEqualTo(key.run(null, "/v1/runs"))
                .isNotEqualTo(key.run("main", "/v1/chat/completions"))
                .isNotEqualTo(new IdempotencyKey("l").run("main", "/v1/runs"));
    }
}
