package dev.sluice.bench.load;

import dev.sluice.common.run.Json;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// An OpenAI-compatible server, asked for streamed chat completions.
public final class ChatSide implements Side {
    private final String name;
    private final String model;
    private final HttpClient http;
    private final RequestOptions options;
    private final Map<String, Buffer> bodies = new HashMap<>();

    /// @param base of its API, ending in `/v1`
    /// @param model that is asked for
    /// @param key sent as a bearer token; null: none
    public ChatSide(String name, URI base, String model, @Nullable String key, Load load) {
        this.name = name;
        this.model = model;
        this.http = load.http();
        this.options =
                new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setAbsoluteURI(base + "/chat/completions")
                        .putHeader("Content-Type", "application/json");
        if (key != null) {
            options.putHeader("Authorization", "Bearer " + key);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Future<Void> ask(Question question, long from, Tally tally) {
        Buffer body = bodies.computeIfAbsent(question.prompt(), this::body);
        var reception = new Reception(question.answer(), from, tally);
        return http.request(options)
                .compose(request -> request.send(body))
                .compose(reception::receive);
    }

    private Buffer body(String prompt) {
        ObjectNode body = Json.MAPPER.createObjectNode().put("model", model).put("stream", true);
        body.putArray("messages").addObject().put("role", "user").put("content", prompt);
        return Buffer.buffer(body.toString());
    }
}
