package dev.sluice.gateway.http;

import dev.sluice.common.config.GatewayConfig;
import dev.sluice.gateway.run.ReplyRouter;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One event loop of the gateway: a share of its connections and of its reply partitions.
public final class GatewayVerticle extends VerticleBase {
    private static final int HEADERS = 32 * 1024;

    private final GatewayContext gateway;
    private final ReplyRouters routers;
    private @Nullable Routes routes;
    private @Nullable HttpServer server;

    /// Makes the router of an event loop.
    @FunctionalInterface
    public interface ReplyRouters {
        /// The next event loop's router.
        ReplyRouter next(Context context);
    }

    /// An event loop that does not serve yet.
    public GatewayVerticle(GatewayContext gateway, ReplyRouters routers) {
        this.gateway = gateway;
        this.routers = routers;
    }

    @Override
    public Future<?> start() {
        GatewayConfig config = gateway.config().gateway();
        // A negative port is a free one that all event loops share.
        int port = config.port() == 0 ? -1 : config.port();
        Routes routes = new Routes(gateway, routers.next(context));
        this.routes = routes;
        return vertx.createHttpServer(
                        new HttpServerOptions()
                                .setMaxHeaderSize(HEADERS)
                                .setTcpNoDelay(true)
                                .setHandle100ContinueAutomatically(true))
                .requestHandler(routes.build(vertx))
                .invalidRequestHandler(GatewayVerticle::refuse)
                .listen(port, config.host())
                .onSuccess(listening -> server = listening);
    }

    /// What is no HTTP reaches no route; its answer has a name all the same.
    private static void refuse(HttpServerRequest request) {
        request.response().putHeader(RequestHeaders.REQUEST_ID, RequestHeaders.requestId(request));
        HttpServerRequest.DEFAULT_INVALID_REQUEST_HANDLER.handle(request);
    }

    @Override
    public Future<?> stop() {
        if (routes != null) {
            routes.shutDown();
        }
        return server == null ? Future.succeededFuture() : server.shutdown(1, TimeUnit.SECONDS);
    }

    /// The port it serves.
    public int port() {
        return server == null ? -1 : server.actualPort();
    }
}
