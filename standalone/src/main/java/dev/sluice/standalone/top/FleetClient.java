package dev.sluice.standalone.top;

import dev.sluice.common.StartException;
import dev.sluice.common.run.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Asks a gateway for its fleet. Belongs to one thread, which it blocks.
final class FleetClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int OK = 200;

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final HttpRequest request;
    private final boolean withKey;

    /// @param gateway the root of a gateway
    /// @param key null or blank for none
    /// @throws StartException if the key can be none
    FleetClient(URI gateway, @Nullable String key) {
        String root = gateway.toString().replaceFirst("/+$", "");
        HttpRequest.Builder asking =
                HttpRequest.newBuilder(URI.create(root + "/admin/queue")).timeout(PATIENCE);
        String stripped = key == null ? "" : key.strip();
        // Whoever refuses a header quotes it.
        if (!stripped.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new StartException("the key holds characters that no key has");
        }
        this.withKey = !stripped.isEmpty();
        if (withKey) {
            asking.header("authorization", "Bearer " + stripped);
        }
        this.request = asking.build();
    }

    /// What came of asking.
    sealed interface Answer {
        /// The fleet.
        record Fleet(JsonNode json, FleetView view) implements Answer {}

        /// None, which may change.
        record None(String why) implements Answer {}
    }

    /// Asks.
    ///
    /// @throws StartException if asking again will not help
    Answer ask() throws InterruptedException {
        HttpResponse<String> answer;
        try {
            answer = http.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            return new Answer.None("no answer from " + request.uri());
        }
        return switch (answer.statusCode()) {
            case OK -> read(answer.body());
            case 401 ->
                    throw new StartException(
                            request.uri()
                                    + (withKey
                                            ? " does not know the key, or it has expired"
                                            : " needs a key: --key"));
            case 403 ->
                    throw new StartException(
                            "the key lacks the right to this: it needs `admin: true`");
            case 404 ->
                    throw new StartException(
                            "there is no /admin/queue at " + request.uri() + ": is it a gateway?");
            default ->
                    new Answer.None(request.uri() + " answers with status " + answer.statusCode());
        };
    }

    private Answer read(String body) {
        try {
            JsonNode json = Json.FOREIGN.readTree(body);
            if (json.isObject()) {
                return new Answer.Fleet(json, Json.FOREIGN.treeToValue(json, FleetView.class));
            }
        } catch (JacksonException _) {
            // Said below.
        }
        return new Answer.None(request.uri() + " answers with what is not a fleet");
    }

    @Override
    public void close() {
        http.close();
    }
}
