package dev.sluice.gateway.http;

import dev.sluice.gateway.dialect.Dialect;
import io.vertx.core.http.HttpServerResponse;

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
}
