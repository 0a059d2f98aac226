package dev.sluice.gateway.http;

import dev.sluice.common.run.Json;
import dev.sluice.gateway.dialect.Dialect;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import tools.jackson.databind.JsonNode;

/// Writes responses that are not runs.
final class Responses {
    private Responses() {}

    /// Writes an error as the whole of a response.
    static void error(HttpServerResponse response, Dialect.ErrorResponse error) {
        if (response.ended() || response.closed() || response.headWritten()) {
            return;
        }
        error.headers().forEach(response::putHeader);
        response.setStatusCode(error.status()).end(error.body());
    }

    /// Writes a JSON object as the whole of a response.
    static void json(HttpServerResponse response, JsonNode body) {
        if (!response.ended() && !response.closed()) {
            response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(Buffer.buffer(Json.MAPPER.writeValueAsBytes(body)));
        }
    }
}
