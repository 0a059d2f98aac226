package dev.sluice.worker.provider;

import dev.sluice.common.config.ProviderConfig;
import dev.sluice.common.run.TraceContext;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.internal.VertxInternal;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A provider's address and the connections to it. One lives as long as its [Providers]: the client
/// closes its connections once nothing refers to it.
final class Upstream {
    private final String name;
    private final ProviderConfig config;
    private final Context loop;
    private final Linger linger;
    private final HttpClient client;

    Upstream(String name, ProviderConfig config, Vertx vertx) {
        this.name = name;
        this.config = config;
        this.loop = ((VertxInternal) vertx).createEventLoopContext();
        this.linger = new Linger(loop);
        int connect = millis(config.timeout().connect());
        // HTTP/1.1 alone: its reset closes the connection, which every upstream notices, and a
        // connection carries one call, so that no call waits behind another's window.
        this.client =
                vertx.httpClientBuilder()
                        .with(
                                new HttpClientOptions()
                                        .setConnectTimeout(connect)
                                        .setSslHandshakeTimeout(connect)
                                        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                                        .setTcpNoDelay(true)
                                        .setKeepAlive(true)
                                        .setPipelining(false)
                                        .setMaxHeaderSize(64 * 1024))
                        .with(new PoolOptions().setHttp1MaxSize(config.maxConnections()))
                        .build();
    }

    String name() {
        return name;
    }

    ProviderConfig config() {
        return config;
    }

    /// The event loop of all calls. Connections live where they are opened and serve any call: with
    /// more loops than this one most pieces of an answer would cross from one thread to another. It
    /// reads some tens of thousands of tokens a second; for more there are more workers.
    Context eventLoop() {
        return loop;
    }

    /// What that loop does for all calls together.
    Linger linger() {
        return linger;
    }

    /// What a call of this provider must carry.
    RequestOptions chatCompletions(@Nullable TraceContext trace) {
        URI base = config.baseUrl();
        boolean tls = "https".equals(base.getScheme());
        String path = base.getRawPath() == null ? "" : base.getRawPath();
        String query = base.getRawQuery() == null ? "" : "?" + base.getRawQuery();
        RequestOptions options =
                new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setSsl(tls)
                        .setHost(withoutBrackets(base.getHost()))
                        .setPort(base.getPort() >= 0 ? base.getPort() : tls ? 443 : 80)
                        .setURI(path.replaceFirst("/+$", "") + "/chat/completions" + query)
                        .setFollowRedirects(false)
                        .putHeader("content-type", "application/json")
                        .putHeader("accept", "text/event-stream")
                        .putHeader("user-agent", "sluice");
        if (config.apiKey() != null) {
            options.putHeader("authorization", "Bearer " + config.apiKey().reveal());
        }
        config.headers().forEach((header, value) -> options.putHeader(header, value.reveal()));
        if (trace != null) {
            options.putHeader(TraceContext.TRACEPARENT, trace.traceparent());
            if (trace.tracestate() != null) {
                options.putHeader(TraceContext.TRACESTATE, trace.tracestate());
            }
        }
        return options;
    }

    HttpClient client() {
        return client;
    }

    /// Closes the connections, those in use included.
    Future<Void> close() {
        return client.close();
    }

    private static String withoutBrackets(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static int millis(Duration duration) {
        return Math.clamp(duration.toMillis(), 1, Integer.MAX_VALUE);
    }
}
