package dev.sluice.embedded.model;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.embedded.model.Received.End;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(30)
class ScriptedModelIT {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final String STREAM = "'stream':true";

    private static ScriptedModel model;
    private static HttpClient client;

    @BeforeAll
    static void start() {
        model = ScriptedModel.start(Script.parse("{}"), 0);
        client = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        client.close();
        model.close();
    }

    @AfterEach
    void forget() {
        model.clearJournal();
    }

    @Test
    void anAnswerThatDoesNotStreamHasEveryRequiredField() throws Exception {
        play("{ text: Hello there, reasoning: Hm }");

        JsonNode body = json(post("hi you", "'n':1"));

        assertThat(body.propertyNames())
                .contains("id", "object", "created", "model", "choices", "usage");
        assertThat(body.path("object").asString()).isEqualTo("chat.completion");
        JsonNode message = body.at("/choices/0/message");
        assertThat(message.path("content").asString()).isEqualTo("Hello there");
        assertThat(message.path("reasoning_content").asString()).isEqualTo("Hm");
        assertThat(message.has("refusal")).isTrue();
        assertThat(body.at("/choices/0").has("logprobs")).isTrue();
        assertThat(body.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
        assertThat(body.at("/usage/prompt_tokens").asInt()).isEqualTo(2);
        assertThat(body.at("/usage/completion_tokens").asInt()).isEqualTo(3);
    }

    @Test
    void aStreamHasRoleThenChunksThenOneFinishReasonThenUsageThenDone() throws Exception {
        play("{ text: Hello there }");

        HttpResponse<String> response =
                post("hi", STREAM + ",'stream_options':{'include_usage':true}");

        assertThat(response.headers().firstValue("content-type").orElse(""))
                .startsWith("text/event-stream");
        List<String> frames = frames(response.body());
        assertThat(frames).hasSize(6).last().isEqualTo("[DONE]");
        JsonNode role = JSON.readTree(frames.getFirst());
        assertThat(role.path("object").asString()).isEqualTo("chat.completion.chunk");
        assertThat(role.at("/choices/0/delta/role").asString()).isEqualTo("assistant");
        assertThat(content(frames.get(1)) + content(frames.get(2))).isEqualTo("Hello there");
        assertThat(JSON.readTree(frames.get(3)).at("/choices/0/finish_reason").asString())
                .isEqualTo("stop");
        JsonNode usage = JSON.readTree(frames.get(4));
        assertThat(usage.path("choices").isEmpty()).isTrue();
        assertThat(usage.at("/usage/total_tokens").asInt()).isEqualTo(3);
    }

    @Test
    void withoutIncludeUsageNoFrameNamesUsage() throws Exception {
        play("{ text: a }");

        assertThat(post("hi", STREAM).body()).doesNotContain("usage").endsWith("[DONE]\n\n");
    }

    @Test
    void aPacedStreamTakesItsTime() throws Exception {
        model.script(
                Script.parse(
                        "{ pace: { first_token: 100ms, tokens_per_second: 50 },"
                                + " fallback: { text: a, repeat: 11 } }"));
        long start = System.nanoTime();

        post("hi", STREAM);

        assertThat(System.nanoTime() - start)
                .isBetween(MILLISECONDS.toNanos(299), MILLISECONDS.toNanos(5000));
    }

    @Test
    void aClientThatVanishesIsNoticedAtOnce() throws Exception {
        model.script(
                Script.parse(
                        "{ pace: { tokens_per_second: 20 }, fallback: { text: a, repeat: 10000 } }"));
        HttpResponse<InputStream> response =
                client.send(request("hi", STREAM), BodyHandlers.ofInputStream());
        response.body().read();

        Instant left = Instant.now();
        response.body().close();
        Received gone = model.await(r -> r.end() == End.CLIENT_GONE, SOON);

        assertThat(gone.ended()).isBetween(left, left.plusSeconds(1));
        assertThat(gone.chunks()).isBetween(1L, 50L);
        assertThat(gone.rule()).isEqualTo("fallback");
    }

    @Test
    void aSlowReaderStopsTheStreamUntilItReadsOn() throws Exception {
        play("{ text: 'some words', repeat: 200000 }");
        HttpResponse<InputStream> response =
                client.send(request("hi", STREAM), BodyHandlers.ofInputStream());
        response.body().read();
        Received stalled = model.await(r -> r.chunks() > 1000, SOON);

        assertThat(stalled.end()).isEqualTo(End.ANSWERING);
        String rest = new String(response.body().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(rest).endsWith("[DONE]\n\n");
        assertThat(model.journal().getFirst().chunks()).isEqualTo(400_000);
        assertThat(model.journal().getFirst().end()).isEqualTo(End.COMPLETED);
    }

    @Test
    void aCutClosesTheConnectionAfterSoManyChunks() throws Exception {
        play("{ text: a b c d, cut_after: 2 }");
        HttpResponse<InputStream> response =
                client.send(request("hi", STREAM), BodyHandlers.ofInputStream());

        StringBuilder got = new StringBuilder();
        assertThatThrownBy(() -> readInto(got, response.body())).isInstanceOf(IOException.class);

        assertThat(frames(got.toString())).hasSize(3).noneMatch(f -> f.equals("[DONE]"));
        assertThat(model.journal().getFirst().end()).isEqualTo(End.CUT);
        assertThat(model.journal().getFirst().chunks()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aCutBeforeTheFirstChunkSendsNoStatus(boolean stream) {
        play("{ text: a, cut_after: 0 }");

        assertThatThrownBy(() -> post("hi", "'stream':" + stream)).isInstanceOf(IOException.class);
        assertThat(model.journal().getFirst().status()).isZero();
    }

    @Test
    void aHangSendsItsChunksAndThenNothingUntilTheClientGoes() throws Exception {
        play("{ text: a b c, hang_after: 1 }");
        HttpResponse<InputStream> response =
                client.send(request("hi", STREAM), BodyHandlers.ofInputStream());

        Received hanging = model.await(r -> r.end() == End.HANGING, SOON);
        assertThat(hanging.chunks()).isEqualTo(1);
        assertThat(hanging.ended()).isNull();
        response.body().close();

        model.await(r -> r.end() == End.CLIENT_GONE, SOON);
    }

    @Test
    void aHangBeforeTheFirstChunkStillSendsTheHead() throws Exception {
        play("{ text: a, hang_after: 0 }");

        HttpResponse<InputStream> response =
                client.send(request("hi", STREAM), BodyHandlers.ofInputStream());

        assertThat(response.statusCode()).isEqualTo(200);
        response.body().close();
        model.await(r -> r.end() == End.CLIENT_GONE, SOON);
    }

    @Test
    void aMalformedAnswerHoldsWhatIsNoJson() throws Exception {
        play("{ text: a, malformed: true }");

        String malformed = frames(post("hi", STREAM).body()).get(1);
        assertThatThrownBy(() -> JSON.readTree(malformed)).isInstanceOf(Exception.class);
        HttpResponse<String> whole = post("hi", "'n':1");
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThatThrownBy(() -> JSON.readTree(whole.body())).isInstanceOf(Exception.class);
    }

    @Test
    void anHttpErrorHasItsStatusHeadersAndBody() throws Exception {
        play("{ status: 429, error: { code: slow_down }, headers: { Retry-After: '7' } }");

        HttpResponse<String> response = post("hi", STREAM);

        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.headers().firstValue("retry-after")).contains("7");
        JsonNode error = json(response).path("error");
        assertThat(error.propertyNames())
                .containsExactlyInAnyOrder("message", "type", "param", "code");
        assertThat(error.path("code").asString()).isEqualTo("slow_down");
        assertThat(error.path("type").asString()).isEqualTo("requests");
    }

    @Test
    void aRequestThatNoRuleMatchesIsToldSo() throws Exception {
        model.script(Script.parse("rules: [{ when: { user: x }, reply: { text: a } }]"));

        HttpResponse<String> response = post("y".repeat(100), "'n':1");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).at("/error/message").asString()).endsWith("y".repeat(80) + "…");
        assertThat(model.journal().getFirst().rule()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {                                                  | 400 |
                    []                                                 | 400 |
                    {'messages':[]}                                    | 400 |
                    {'model':'m'}                                      | 400 | messages
                    {'model':'m','messages':[]}                        | 400 | messages
                    {'model':'m','messages':'x'}                       | 400 | messages
                    {'model':1,'messages':[{'role':'user'}]}           | 400 | model
                    {'model':'m','messages':[{'role':'bot'}]}          | 400 | messages[0].role
                    {'model':'m','messages':[{'role':'user'}],'stream':1} | 400 | stream
                    {'model':'m','messages':[{'role':'user'}],'n':2}   | 400 | n
                    {'model':'m','messages':[{'role':'user'}],'stream_options':{}} | 400 | stream_options
                    {'model':'m','messages':[{'role':'tool','tool_call_id':'a'}]}  | 400 | messages.[0].role
                    {'model':'m','messages':[{'role':'assistant','tool_calls':[{'id':'a'}]}]} | 400 | messages.[1].role
                    {'model':'m','messages':[{'role':'user'}],'tools':[{'function':{'name':'a.b'}}]} | 400 | tools[0].function.name
                    {'model':'other','messages':[{'role':'user'}]}     | 404 |
                    """)
    void badInputIsRefusedInOpenAisShape(String body, int status, String param) throws Exception {
        model.script(Script.parse("{ models: [m], fallback: { text: a } }"));

        HttpResponse<String> response = send("POST", "/chat/completions", body.replace('\'', '"'));

        assertThat(response.statusCode()).isEqualTo(status);
        JsonNode error = json(response).path("error");
        assertThat(error.path("type").asString()).isEqualTo("invalid_request_error");
        assertThat(error.path("param").asString(null)).isEqualTo(param);
    }

    @Test
    void aWrongKeyIsRefused() throws Exception {
        model.script(Script.parse("{ api_key: secret, fallback: { text: a } }"));

        assertThat(post("hi", "'n':1").statusCode()).isEqualTo(401);
        HttpRequest wrong = keyed("nope");
        assertThat(json(client.send(wrong, BodyHandlers.ofString())).at("/error/code").asString())
                .isEqualTo("invalid_api_key");
        assertThat(client.send(keyed("secret"), BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void modelsAreListedAndLookedUp() throws Exception {
        model.script(Script.parse("models: [m1, m2]"));

        assertThat(json(send("GET", "/models", "")).at("/data/1/id").asString()).isEqualTo("m2");
        assertThat(json(send("GET", "/models/m1", "")).path("object").asString())
                .isEqualTo("model");
        assertThat(send("GET", "/models/m3", "").statusCode()).isEqualTo(404);
        assertThat(send("POST", "/models", "").statusCode()).isEqualTo(405);
        assertThat(send("GET", "/nothing", "").statusCode()).isEqualTo(404);
    }

    @Test
    void theJournalIsReadAndClearedOverHttp() throws Exception {
        play("{ text: a b }");
        post("remember me", "'n':1");

        JsonNode entry = json(send("GET", "/../journal", "")).path(0);

        assertThat(entry.at("/body/messages/0/content").asString()).isEqualTo("remember me");
        assertThat(entry.path("rule").asString()).isEqualTo("fallback");
        assertThat(entry.path("rule_index").asInt()).isEqualTo(-1);
        assertThat(entry.path("end").asString()).isEqualTo("COMPLETED");
        assertThat(entry.at("/headers/content-type").asString()).isEqualTo("application/json");
        assertThat(send("DELETE", "/../journal", "").statusCode()).isEqualTo(204);
        assertThat(model.journal()).isEmpty();
    }

    @Test
    void theJournalKeepsOnlyTheLastRequests() throws Exception {
        model.script(Script.parse("{ journal: 2, fallback: { text: a } }"));
        for (String user : List.of("one", "two", "three")) {
            post(user, "'n':1");
        }

        assertThat(model.journal())
                .extracting(r -> r.body().at("/messages/0/content").asString())
                .containsExactly("two", "three");
    }

    @Test
    void manyPacedStreamsRunAtOnce() {
        model.script(
                Script.parse(
                        "{ pace: { tokens_per_second: 100 }, fallback: { text: a, repeat: 50 } }"));

        List<CompletableFuture<HttpResponse<String>>> all =
                IntStream.range(0, 300)
                        .mapToObj(_ ->
                                client.sendAsync(request("x", STREAM), BodyHandlers.ofString()))
                        .toList();

        assertThat(all).allSatisfy(r -> assertThat(frames(r.get().body())).hasSize(53));
    }

    private static void play(String reply) {
        model.script(Script.parse("fallback: " + reply));
    }

    private static HttpRequest request(String user, String more) {
        return builder("/chat/completions").POST(body(user, more)).build();
    }

    private static HttpRequest keyed(String key) {
        return builder("/chat/completions")
                .header("Authorization", "Bearer " + key)
                .POST(body("hi", "'n':1"))
                .build();
    }

    private static HttpRequest.BodyPublisher body(String user, String more) {
        String json =
                "{'model':'m','messages':[{'role':'user','content':'" + user + "'}]," + more + "}";
        return HttpRequest.BodyPublishers.ofString(json.replace('\'', '"'));
    }

    private static HttpResponse<String> post(String user, String more)
            throws IOException, InterruptedException {
        return client.send(request(user, more), BodyHandlers.ofString());
    }

    private static HttpResponse<String> send(String method, String path, String body)
            throws IOException, InterruptedException {
        return client.send(
                builder(path).method(method, HttpRequest.BodyPublishers.ofString(body)).build(),
                BodyHandlers.ofString());
    }

    private static HttpRequest.Builder builder(String path) {
        return HttpRequest.newBuilder(URI.create(model.baseUrl() + path).normalize())
                .header("Content-Type", "application/json");
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JSON.readTree(response.body());
    }

    private static List<String> frames(String body) {
        return body.lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring(6))
                .toList();
    }

    private static String content(String frame) {
        return JSON.readTree(frame).at("/choices/0/delta/content").asString();
    }

    private static void readInto(StringBuilder text, InputStream in) throws IOException {
        for (int b = in.read(); b >= 0; b = in.read()) {
            text.append((char) b);
        }
    }
}
