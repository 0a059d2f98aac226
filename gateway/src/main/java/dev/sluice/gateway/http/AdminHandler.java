package dev.sluice.gateway.http;

import dev.sluice.gateway.admin.FleetJson;
import dev.sluice.gateway.run.RunDirectory;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;

/// Shows operators the fleet. One an event loop.
final class AdminHandler {
    private final GatewayContext gateway;

    AdminHandler(GatewayContext gateway) {
        this.gateway = gateway;
    }

    /// `GET /admin/queue`
    void queue(RoutingContext routing) {
        gateway.fleet()
                .look(routing.vertx().getOrCreateContext())
                .recover(failure -> Future.failedFuture(RunDirectory.unavailable(failure)))
                .onSuccess(seen -> Responses.json(routing.response(), FleetJson.of(seen)))
                .onFailure(routing::fail);
    }
}
