package dev.sluice.embedded.model;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// An HTTP server that speaks OpenAI's chat completion protocol from a [Script], on 127.0.0.1.
///
/// Beside the protocol, `GET /journal` lists the requests it got and `DELETE /journal` forgets
/// them. All methods are thread-safe; those that start and close block and must not be called on an
/// event loop.
public final class ScriptedModel implements AutoCloseable {

    private static final String HOST = "127.0.0.1";

    private final HttpServer server;
    private final @Nullable Vertx owned;
    private final ModelRoutes routes;
    private final Journal journal;

    private ScriptedModel(
            HttpServer server, @Nullable Vertx owned, ModelRoutes routes, Journal journal) {
        this.server = server;
        this.owned = owned;
        this.routes = routes;
        this.journal = journal;
    }

    /// Starts a server on `port`, 0 for a free one, with an event loop of its own.
    public static ScriptedModel start(Script script, int port) {
        Vertx vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(1)
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(1)
                                .setFileSystemOptions(
                                        new FileSystemOptions()
                                                .setFileCachingEnabled(false)
                                                .setClassPathResolvingEnabled(false)));
        try {
            return start(vertx, vertx, script, port);
        } catch (RuntimeException e) {
            join(vertx.close());
            throw e;
        }
    }

    /// Starts a server on one of the event loops of `vertx`, which stays the caller's.
    public static ScriptedModel start(Vertx vertx, Script script, int port) {
        return start(vertx, null, script, port);
    }

    private static ScriptedModel start(
            Vertx vertx, @Nullable Vertx owned, Script script, int port) {
        Journal journal = new Journal(Clock.systemUTC(), script.journal());
        ModelRoutes routes = new ModelRoutes(vertx, journal, script);
        HttpServerOptions options =
                new HttpServerOptions()
                        .setHost(HOST)
                        .setPort(port)
                        .setTcpNoDelay(true)
                        .setIdleTimeout(0)
                        .setHttp2ClearTextEnabled(false)
                        .setMaxHeaderSize(64 * 1024);
        HttpServer server = vertx.createHttpServer(options).requestHandler(routes);
        join(server.listen());
        return new ScriptedModel(server, owned, routes, journal);
    }

    /// The base that clients take, ending in `/v1`.
    public URI baseUrl() {
        return URI.create("http://" + HOST + ":" + port() + "/v1");
    }

    /// The port it listens on.
    public int port() {
        return server.actualPort();
    }

    /// Plays another script from the next request on; its counts start anew.
    public void script(Script script) {
        journal.limit(script.journal());
        routes.play(script);
    }

    /// The chat completion requests it got, oldest first.
    public List<Received> journal() {
        return journal.received();
    }

    /// Forgets the requests it got.
    public void clearJournal() {
        journal.clear();
    }

    /// Waits for a request that satisfies `which` and returns the first.
    ///
    /// @throws TimeoutException when there is none after `atMost`
    public Received await(Predicate<? super Received> which, Duration atMost)
            throws InterruptedException, TimeoutException {
        return journal.await(which, atMost.toNanos())
                .orElseThrow(() -> new TimeoutException("no such request after " + atMost));
    }

    /// Closes the connections and the server.
    @Override
    public void close() {
        join(server.close());
        if (owned != null) {
            join(owned.close());
        }
    }

    private static <T> void join(Future<T> future) {
        future.toCompletionStage().toCompletableFuture().join();
    }
}
