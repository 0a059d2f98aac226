package dev.sluice.bench.chaos.seen;

import dev.sluice.common.run.Json;
import dev.sluice.common.run.Usage;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A run as `GET /v1/runs/{id}` tells of it.
///
/// @param text the result's, null where there is none
public record RunView(
        String status, @Nullable String text, @Nullable Usage usage, int attempt, String error) {
    /// Reads a body.
    ///
    /// @throws tools.jackson.core.JacksonException if it is no JSON
    public static RunView parse(String body) {
        JsonNode json = Json.FOREIGN.readTree(body);
        JsonNode content = json.path("result").path("message").path("content");
        return new RunView(
                json.path("status").asString(""),
                content.isString() ? content.stringValue() : null,
                json.path("usage").isObject() ? Faults.usage(json.path("usage")) : null,
                json.path("attempt").asInt(0),
                json.path("error").isObject() ? json.path("error").toString() : "");
    }

    /// Whether the run has come to its end.
    public boolean ended() {
        return switch (status) {
            case "completed", "failed", "cancelled", "expired" -> true;
            default -> false;
        };
    }
}
