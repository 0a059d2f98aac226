package dev.sluice.standalone.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.standalone.e2e.fixture.Gateway;
import dev.sluice.standalone.e2e.fixture.RawClient;
import dev.sluice.standalone.e2e.fixture.Sluice;
import dev.sluice.standalone.e2e.fixture.WithSluice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever comes in is answered with a 4xx in OpenAI's shape, and the next request is served.
@WithSluice
class BadInputIT {

    private static final String BODY =
            """
            {"model":"plain","messages":[{"role":"user","content":"h\\u00e9llo"}],\
            "temperature":0.5,"stop":["a","b"],"metadata":{"k":"v"}}\
            """;

    private final Sluice sluice;

    BadInputIT(Sluice sluice) {
        this.sluice = sluice;
    }

    @AfterEach
    void theNextRequestIsServed() {
        sluice.asked(0);
        sluice.script("fallback: { text: all is well }");
        assertThat(Frames.content(sluice.gateway().ask("plain", "hi").body()))
                .isEqualTo("all is well");
    }

    @Test
    void jsonCutAnywhereIsABadRequest() {
        for (int length = 0; length < BODY.length(); length++) {
            refused(BODY.substring(0, length));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "7",
                "\"text\"",
                "{}",
                "{\"model\":\"plain\"}",
                "{\"model\":7,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
                "{\"model\":\"\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
                "{\"model\":\"plain\",\"messages\":[]}",
                "{\"model\":\"plain\",\"messages\":{}}",
                "{\"model\":\"plain\",\"messages\":\"hi\"}",
                "{\"model\":\"plain\",\"messages\":[null]}",
                "{\"model\":\"plain\",\"messages\":[{}]}",
                "{\"model\":\"plain\",\"messages\":[{\"role\":\"emperor\",\"content\":\"hi\"}]}",
                "{\"model\":\"plain\",\"messages\":[{\"role\":\"user\",\"content\":7}]}",
                "{\"model\":\"plain\",\"messages\":[{\"role\":\"user\",\"content\":null}]}",
                "{\"model\":\"plain\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":7}]}]}",
                "{\"model\":\"plain\",\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}"
            })
    void aBodyOfTheWrongFormIsABadRequest(String body) {
        refused(body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"stream\":\"yes\"",
                "\"stream_options\":{\"include_usage\":true}",
                "\"temperature\":\"hot\"",
                "\"temperature\":3",
                "\"max_tokens\":-1",
                "\"max_completion_tokens\":1.5",
                "\"n\":2",
                "\"stop\":[1]",
                "\"tools\":{}",
                "\"tools\":[{\"type\":\"function\"}]",
                "\"tool_choice\":7",
                "\"response_format\":\"json\"",
                "\"metadata\":[]",
                "\"user\":{}",
                "\"logit_bias\":1"
            })
    void aParameterOfTheWrongTypeIsABadRequestThatNamesIt(String member) {
        HttpResponse<String> answer = sluice.gateway().ask("plain", "hi", member);
        ErrorsIT.assertError(answer, 400, "invalid_request_error");
        String name = member.substring(1, member.indexOf('"', 1));
        assertThat(Frames.error(answer.body()).path("param").asString()).startsWith(name);
    }

    @Test
    void anUnknownAgentIsNotFound() {
        ErrorsIT.assertError(
                sluice.gateway().ask("no/such:agent", "hi"), 404, "invalid_request_error");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":"})
    void nestingWithoutEndIsABadRequest(String opening) {
        refused(opening.repeat(100_000));
        String nested =
                opening.repeat(100_000) + "1" + (opening.equals("[") ? "]" : "}").repeat(100_000);
        refused("{\"model\":\"plain\",\"messages\":" + nested + "}");
        refused(Gateway.body("plain", "hi", "\"extra\":" + nested));
    }

    @Test
    void aNumberWithoutEndIsABadRequest() {
        refused(Gateway.body("plain", "hi", "\"temperature\":" + "9".repeat(100_000)));
        refused(Gateway.body("plain", "hi", "\"seed\":1e999999999"));
    }

    @Test
    void whatIsNotUtf8IsABadRequest() throws IOException {
        byte[][] wrong = {
            {(byte) 0xff, (byte) 0xfe},
            {(byte) 0xc3, 0x28},
            {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            {(byte) 0xc0, (byte) 0xaf},
            {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80}
        };
        for (byte[] bytes : wrong) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            body.write(
                    "{\"model\":\"plain\",\"messages\":[{\"role\":\"user\",\"content\":\""
                            .getBytes(UTF_8));
            body.write(bytes);
            body.write("\"}]}".getBytes(UTF_8));
            try (RawClient client = RawClient.of(sluice.gateway())) {
                client.send(RawClient.head("Content-Length: " + body.size()));
                client.send(body.toByteArray());
                assertRefused(client.readAll(), 400);
            }
        }
    }

    @Test
    void aBodyTooLargeIsRefusedEvenToAClientThatSendsFirstAndReadsThen() throws IOException {
        byte[] body = new byte[10 << 20];
        Arrays.fill(body, (byte) 'x');
        try (RawClient client = RawClient.of(sluice.gateway())) {
            client.send(RawClient.head("Content-Length: " + body.length));
            client.sendWhatIsTaken(body);
            assertRefused(client.readAll(), 413);
        }
    }

    @Test
    void aChunkedBodyTooLargeIsRefusedEvenToAClientThatSendsFirstAndReadsThen() throws IOException {
        byte[] chunk = new byte[1 << 20];
        Arrays.fill(chunk, (byte) 'x');
        try (RawClient client = RawClient.of(sluice.gateway())) {
            client.send(RawClient.head("Transfer-Encoding: chunked"));
            for (int i = 0; i < 10; i++) {
                client.sendWhatIsTaken("100000\r\n".getBytes(US_ASCII));
                client.sendWhatIsTaken(chunk);
                client.sendWhatIsTaken("\r\n".getBytes(US_ASCII));
            }
            client.sendWhatIsTaken("0\r\n\r\n".getBytes(US_ASCII));
            assertRefused(client.readAll(), 413);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\r\n\r\n",
                "\u0000\u0001\u0002\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nno colon here\r\n\r\n",
                "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n",
                "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: many\r\n\r\n"
            })
    void whatIsNotHttpIsRefusedAndTheConnectionClosed(String bytes) throws IOException {
        try (RawClient client = RawClient.of(sluice.gateway())) {
            client.send(bytes.getBytes(UTF_8));
            // A version that is not spoken here is Vert.x' 501.
            assertThat(client.readAll()).matches("(?s)(HTTP/[0-9.]+ (4\\d\\d|501) .*)?");
        }
    }

    @Test
    void hugeHeadersAreRefused() throws IOException {
        try (RawClient client = RawClient.of(sluice.gateway())) {
            client.sendWhatIsTaken(RawClient.head("X-Huge: " + "h".repeat(1 << 20)));
            assertThat(client.readAll()).matches("(?s)HTTP/1\\.[01] 431 .*");
        }
        try (RawClient client = RawClient.of(sluice.gateway())) {
            client.sendWhatIsTaken(
                    ("GET /" + "p".repeat(1 << 20) + " HTTP/1.1\r\nHost: h\r\n\r\n")
                            .getBytes(US_ASCII));
            assertThat(client.readAll()).matches("(?s)HTTP/1\\.[01] 414 .*");
        }
    }

    private void refused(String body) {
        HttpResponse<String> answer = sluice.gateway().send(sluice.gateway().chat(body));
        ErrorsIT.assertError(answer, 400, "invalid_request_error");
    }

    private static void assertRefused(String response, int status) {
        assertThat(response.lines().findFirst())
                .hasValueSatisfying(line -> assertThat(line).startsWith("HTTP/1.1 " + status));
        String body = response.substring(response.indexOf("\r\n\r\n") + 4);
        assertThat(Frames.error(body).path("type").asString()).isEqualTo("invalid_request_error");
    }
}
