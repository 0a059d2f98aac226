package dev.sluice.embedded.model;

import dev.sluice.embedded.model.Received.End;
import dev.sluice.embedded.model.chat.ApiError;
import dev.sluice.embedded.model.chat.ChatRequest;
import dev.sluice.embedded.model.chat.RequestCheck;
import dev.sluice.embedded.model.rule.Reply;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// The routes of a scripted model.
final class ModelRoutes implements Handler<HttpServerRequest> {

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .build();
    private static final int MAX_BODY = 64 * 1024 * 1024;
    private static final int NAMED_OF_MESSAGE = 80;
    private static final String CHAT = "/v1/chat/completions";
    private static final String MODELS = "/v1/models";
    private static final String JOURNAL = "/journal";

    private final Vertx vertx;
    private final Journal journal;
    private volatile Playing playing;

    ModelRoutes(Vertx vertx, Journal journal, Script script) {
        this.vertx = vertx;
        this.journal = journal;
        this.playing = new Playing(script);
    }

    void play(Script script) {
        playing = new Playing(script);
    }

    @Override
    public void handle(HttpServerRequest request) {
        String path = request.path() == null ? "/" : request.path();
        if (path.equals(JOURNAL)) {
            journal(request);
        } else if (path.equals(CHAT)) {
            on(HttpMethod.POST, request, () -> withBody(request));
        } else if (path.equals(MODELS)) {
            on(HttpMethod.GET, request, () -> send(request, 200, list()));
        } else if (path.startsWith(MODELS + "/")) {
            on(HttpMethod.GET, request, () -> model(request, path.substring(MODELS.length() + 1)));
        } else {
            String message = "Invalid URL (" + request.method() + " " + path + ")";
            refuse(request, ApiError.of(404, message, "invalid_request_error", null, null));
        }
    }

    private void on(HttpMethod method, HttpServerRequest request, Runnable route) {
        String key = playing.script().apiKey();
        String given = request.getHeader("Authorization");
        if (!request.method().equals(method)) {
            String message = "Not allowed to " + request.method() + " on " + request.path() + ".";
            refuse(request, ApiError.of(405, message, "invalid_request_error", null, null));
        } else if (key != null && !same("Bearer " + key, given)) {
            refuse(request, ApiError.wrongKey(given != null));
        } else {
            route.run();
        }
    }

    private static boolean same(String expected, @Nullable String given) {
        return given != null
                && MessageDigest.isEqual(
                        expected.getBytes(StandardCharsets.UTF_8),
                        given.getBytes(StandardCharsets.UTF_8));
    }

    private void journal(HttpServerRequest request) {
        if (request.method().equals(HttpMethod.DELETE)) {
            journal.clear();
            request.response().setStatusCode(204).end();
        } else {
            send(request, 200, JSON.valueToTree(journal.received()));
        }
    }

    private ObjectNode list() {
        ObjectNode list = JsonNodeFactory.instance.objectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        playing.script().listedModels().forEach(name -> data.add(described(name)));
        return list;
    }

    private void model(HttpServerRequest request, String name) {
        if (playing.script().serves(name)) {
            send(request, 200, described(name));
        } else {
            refuse(request, ApiError.unknownModel(name));
        }
    }

    private static ObjectNode described(String name) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", name)
                .put("object", "model")
                .put("created", 0)
                .put("owned_by", "scripted");
    }

    private void withBody(HttpServerRequest request) {
        Buffer body = Buffer.buffer();
        request.handler(part -> {
            if (body.length() <= MAX_BODY) {
                body.appendBuffer(part);
            }
        });
        request.endHandler(_ -> chat(request, body));
    }

    private void chat(HttpServerRequest request, Buffer bytes) {
        JsonNode body = bytes.length() > MAX_BODY ? MissingNode.getInstance() : parse(bytes);
        Journal.Entry entry = journal.add(headers(request), body);
        request.response().putHeader("x-request-id", "req_" + entry.number());
        Playing play = playing;
        Optional<ApiError> problem =
                bytes.length() > MAX_BODY
                        ? Optional.of(
                                ApiError.of(
                                        413,
                                        "The request body is too large.",
                                        "invalid_request_error",
                                        null,
                                        null))
                        : problem(body, play.script());
        if (problem.isPresent()) {
            refuse(request, entry, problem.get());
            return;
        }
        ChatRequest chat = ChatRequest.of(body);
        Optional<Playing.Cue> cue = play.cue(chat);
        if (cue.isEmpty()) {
            refuse(request, entry, noRule(chat.user()));
        } else {
            entry.matched(cue.get().rule(), cue.get().index());
            answer(request, entry, chat, cue.get());
        }
    }

    private static JsonNode parse(Buffer bytes) {
        try {
            return JSON.readTree(bytes.getBytes());
        } catch (JacksonException _) {
            return MissingNode.getInstance();
        }
    }

    private static Optional<ApiError> problem(JsonNode body, Script script) {
        if (body.isMissingNode()) {
            return Optional.of(
                    ApiError.invalid(
                            "We could not parse the JSON body of your request.", null, null));
        }
        Optional<ApiError> problem = RequestCheck.problem(body);
        if (problem.isPresent()) {
            return problem;
        }
        String model = body.path("model").asString("");
        return script.serves(model) ? Optional.empty() : Optional.of(ApiError.unknownModel(model));
    }

    private static ApiError noRule(String user) {
        String named = user.length() > NAMED_OF_MESSAGE ? user.substring(0, 80) + "…" : user;
        return ApiError.invalid(
                "No rule of the script matches. The last user message begins: " + named,
                "messages",
                "no_rule_matched");
    }

    private void answer(
            HttpServerRequest request, Journal.Entry entry, ChatRequest chat, Playing.Cue cue) {
        cue.reply().headers().forEach(request.response()::putHeader);
        switch (cue.reply()) {
            case Reply.HttpError error when error.malformed() -> {
                entry.status(error.status());
                entry.end(End.COMPLETED);
                request.response()
                        .setStatusCode(error.status())
                        .putHeader("Content-Type", "text/html")
                        .end("<html><body><h1>" + error.status() + "</h1></body></html>\n");
            }
            case Reply.HttpError error ->
                    refuse(request, entry, ApiError.usual(error.status(), error.error()));
            case Reply.Answer answer -> {
                Completion completion =
                        new Completion(
                                answer,
                                cue.values().ofRequest(entry.number()),
                                cue.tools(),
                                chat.promptTokens());
                String id = String.format(Locale.ROOT, "chatcmpl-%024d", entry.number());
                Frames frames = new Frames(id, entry.at().getEpochSecond(), chat, completion);
                Delivery delivery =
                        new Delivery(
                                vertx, request, entry, frames, completion, cue, answer.fault());
                if (chat.stream()) {
                    delivery.stream();
                } else {
                    delivery.whole();
                }
            }
        }
    }

    private static void refuse(HttpServerRequest request, Journal.Entry entry, ApiError error) {
        entry.status(error.status());
        entry.end(End.COMPLETED);
        refuse(request, error);
    }

    private static void refuse(HttpServerRequest request, ApiError error) {
        send(request, error.status(), error.body());
    }

    private static void send(HttpServerRequest request, int status, JsonNode body) {
        HttpServerResponse response = request.response().setStatusCode(status);
        response.putHeader("Content-Type", "application/json").end(body.toString());
    }

    private static Map<String, String> headers(HttpServerRequest request) {
        Map<String, String> headers = new HashMap<>();
        request.headers()
                .forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
        return headers;
    }
}
