package dev.sluice.embedded.mcp;

import io.modelcontextprotocol.server.McpAsyncServer;
import io.modelcontextprotocol.server.McpServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The demo's MCP server over HTTP on 127.0.0.1: streamable at [#url()], the older SSE form at
/// [#sseUrl()].
///
/// All methods are thread-safe; they block and must not be called on an event loop.
public final class McpHttpServer implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final Pattern LOCAL_ORIGIN =
            Pattern.compile("https?://(127\\.0\\.0\\.1|localhost|\\[::1])(:\\d+)?");

    private final HttpServer server;
    private final @Nullable Vertx owned;
    private final DemoTools tools;
    private final List<McpAsyncServer> protocols;

    private McpHttpServer(
            HttpServer server,
            @Nullable Vertx owned,
            DemoTools tools,
            List<McpAsyncServer> protocols) {
        this.server = server;
        this.owned = owned;
        this.tools = tools;
        this.protocols = protocols;
    }

    /// Starts a server on `port`, 0 for a free one, with an event loop of its own.
    public static McpHttpServer start(int port) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
        try {
            return start(vertx, vertx, new DemoTools(Clock.systemUTC()), port, 0);
        } catch (RuntimeException e) {
            join(vertx.close());
            throw e;
        }
    }

    /// Starts a server on an event loop of `vertx`, which stays the caller's.
    ///
    /// @param toolsPerPage how many tools a page of the listing holds; 0: all
    public static McpHttpServer start(Vertx vertx, DemoTools tools, int port, int toolsPerPage) {
        return start(vertx, null, tools, port, toolsPerPage);
    }

    private static McpHttpServer start(
            Vertx vertx, @Nullable Vertx owned, DemoTools tools, int port, int toolsPerPage) {
        Wire wire = Wire.paging(toolsPerPage);
        StreamableTransport streamable = new StreamableTransport(vertx, wire);
        SseTransport sse = new SseTransport(vertx, wire);
        List<McpAsyncServer> protocols =
                List.of(
                        McpServers.serve(McpServer.async(streamable), tools),
                        McpServers.serve(McpServer.async(sse), tools));
        HttpServerOptions options =
                new HttpServerOptions()
                        .setHost(HOST)
                        .setPort(port)
                        .setTcpNoDelay(true)
                        .setIdleTimeout(0)
                        .setHttp2ClearTextEnabled(false);
        HttpServer server =
                vertx.createHttpServer(options)
                        .requestHandler(request -> route(request, streamable, sse));
        join(server.listen());
        return new McpHttpServer(server, owned, tools, protocols);
    }

    private static void route(
            HttpServerRequest request, StreamableTransport streamable, SseTransport sse) {
        String origin = request.getHeader("Origin");
        String path = String.valueOf(request.path());
        if (origin != null && !LOCAL_ORIGIN.matcher(origin).matches()) {
            // A page of another site must not reach a server on this machine by DNS rebinding.
            request.response().setStatusCode(403).end();
        } else if (path.equals(StreamableTransport.PATH)) {
            streamable.handle(request);
        } else if (path.equals(SseTransport.STREAM_PATH)
                && request.method().equals(HttpMethod.GET)) {
            sse.open(request);
        } else if (path.equals(SseTransport.MESSAGE_PATH)
                && request.method().equals(HttpMethod.POST)) {
            sse.post(request);
        } else {
            request.response().setStatusCode(404).end();
        }
    }

    /// The streamable HTTP endpoint, ending in `/mcp`.
    public URI url() {
        return base().resolve(StreamableTransport.PATH);
    }

    /// The endpoint of the older transport, ending in `/sse`.
    public URI sseUrl() {
        return base().resolve(SseTransport.STREAM_PATH);
    }

    private URI base() {
        return URI.create("http://" + HOST + ":" + server.actualPort());
    }

    /// The tool calls so far, oldest first.
    public List<ToolInvocation> invocations() {
        return tools.invocations();
    }

    /// Adds a tool and tells the clients that the list has changed.
    ///
    /// @param readOnly what its hints say: read-only and idempotent, or neither
    /// @param body from the arguments to the result's text; may block
    public void addTool(String name, boolean readOnly, Function<Map<String, Object>, String> body) {
        addTool(
                name,
                readOnly ? ToolHints.READ_ONLY : ToolHints.NEITHER,
                call -> body.apply(call.arguments()));
    }

    /// Adds a tool and tells the clients that the list has changed.
    ///
    /// @param body the tool itself
    public void addTool(String name, ToolHints hints, ToolWork body) {
        protocols.forEach(protocol ->
                protocol.addTool(
                                tools.tool(
                                        name,
                                        "Added while the server runs.",
                                        DemoTools.schema(Map.of()),
                                        hints,
                                        (arguments, _) ->
                                                body.call(
                                                        new ToolWork.Call(
                                                                arguments.values(),
                                                                arguments.meta()))))
                        .block());
    }

    /// Removes a tool and tells the clients that the list has changed.
    public void removeTool(String name) {
        protocols.forEach(protocol -> protocol.removeTool(name).block());
    }

    /// Ends the sessions and closes the server.
    @Override
    public void close() {
        protocols.forEach(protocol -> protocol.closeGracefully().block());
        join(server.close());
        if (owned != null) {
            join(owned.close());
        }
    }

    private static <T> void join(Future<T> future) {
        future.toCompletionStage().toCompletableFuture().join();
    }
}
