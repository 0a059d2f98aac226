package dev.sluice.common.monitor;

import dev.sluice.common.run.Json;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/// Puts `/health`, `/ready` and `/metrics` on a router.
///
/// `GET /health` answers 200 while the process can answer at all. `GET /ready` answers 200 with the
/// checks by name, or 503 if any is not passed. `GET /metrics` answers in Prometheus' text format.
public final class MonitorRoutes {
    private MonitorRoutes() {}

    private record Ready(String status, Map<String, Boolean> checks) {}

    /// Mounts the routes.
    public static void mount(Router router, Metrics metrics, Readiness readiness) {
        router.get("/health").handler(context -> answer(context, 200, Map.of("status", "ok")));
        router.get("/ready")
                .handler(context ->
                        readiness
                                .ask()
                                .onSuccess(checks -> {
                                    boolean ready = !checks.containsValue(false);
                                    answer(
                                            context,
                                            ready ? 200 : 503,
                                            new Ready(ready ? "ready" : "not ready", checks));
                                })
                                .onFailure(context::fail));
        router.get("/metrics")
                .handler(context ->
                        context.vertx()
                                .executeBlocking(metrics::scrape, false)
                                .onSuccess(text ->
                                        context.response()
                                                .putHeader(
                                                        HttpHeaders.CONTENT_TYPE,
                                                        "text/plain; version=0.0.4;"
                                                                + " charset=utf-8")
                                                .end(text))
                                .onFailure(context::fail));
    }

    private static void answer(RoutingContext context, int status, Object body) {
        context.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(Buffer.buffer(Json.MAPPER.writeValueAsBytes(body)));
    }
}
