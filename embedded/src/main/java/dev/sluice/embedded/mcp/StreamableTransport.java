package dev.sluice.embedded.mcp;

import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.HttpHeaders;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.InitializeRequest;
import io.modelcontextprotocol.spec.McpSchema.InitializeResult;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpStreamableServerSession;
import io.modelcontextprotocol.spec.McpStreamableServerSession.McpStreamableServerSessionInit;
import io.modelcontextprotocol.spec.McpStreamableServerSession.McpStreamableServerSessionStream;
import io.modelcontextprotocol.spec.McpStreamableServerTransport;
import io.modelcontextprotocol.spec.McpStreamableServerTransportProvider;
import io.modelcontextprotocol.spec.ProtocolVersions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Streamable HTTP: each request is a POST answered by a stream of events; a GET listens for what
/// the server has to say beside that; a DELETE ends the session.
///
/// A notification for a client that does not listen yet waits until it does.
final class StreamableTransport implements McpStreamableServerTransportProvider {

    static final String PATH = "/mcp";

    private static final TypeRef<InitializeRequest> INITIALIZE = new TypeRef<>() {};

    private final Vertx vertx;
    private final Wire wire;
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private McpStreamableServerSession.@Nullable Factory factory;

    StreamableTransport(Vertx vertx, Wire wire) {
        this.vertx = vertx;
        this.wire = wire;
    }

    /// Takes a request to [#PATH]. On the event loop.
    void handle(HttpServerRequest request) {
        if (request.method().equals(HttpMethod.POST)) {
            request.body().onSuccess(body -> post(request, body.toString()));
            return;
        }
        String id = request.getHeader(HttpHeaders.MCP_SESSION_ID);
        Session session = id == null ? null : sessions.get(id);
        if (session == null) {
            refuse(request, id == null ? 400 : 404, "No such session");
        } else if (request.method().equals(HttpMethod.GET)) {
            session.listen(request);
        } else if (request.method().equals(HttpMethod.DELETE)) {
            sessions.remove(session.server.getId());
            session.close();
            request.response().end();
        } else {
            refuse(request, 405, "GET, POST or DELETE");
        }
    }

    private void post(HttpServerRequest request, String body) {
        JSONRPCMessage message = wire.read(body).orElse(null);
        if (message == null) {
            refuse(request, 400, "No JSON-RPC");
            return;
        }
        if (message instanceof JSONRPCRequest asked
                && asked.method().equals(McpSchema.METHOD_INITIALIZE)) {
            Thread.startVirtualThread(() -> initialize(request, asked));
            return;
        }
        String id = request.getHeader(HttpHeaders.MCP_SESSION_ID);
        Session session = id == null ? null : sessions.get(id);
        if (session == null) {
            refuse(request, id == null ? 400 : 404, "No such session");
            return;
        }
        if (message instanceof JSONRPCRequest asked) {
            session.answer(request, asked);
        } else {
            Thread.startVirtualThread(() -> {
                session.accept(message);
                request.response().setStatusCode(202).end();
            });
        }
    }

    private void initialize(HttpServerRequest request, JSONRPCRequest asked) {
        try {
            McpStreamableServerSessionInit init =
                    Objects.requireNonNull(factory, "no server has been built")
                            .startSession(wire.convert(asked.params(), INITIALIZE));
            InitializeResult result = init.initResult().block();
            String id = init.session().getId();
            sessions.put(id, new Session(init.session()));
            request.response()
                    .putHeader(HttpHeaders.MCP_SESSION_ID, id)
                    .putHeader("Content-Type", "application/json")
                    .end(wire.write(JSONRPCResponse.result(asked.id(), result)));
        } catch (RuntimeException _) {
            refuse(request, 400, "The session could not be initialized");
        }
    }

    private void refuse(HttpServerRequest request, int status, String message) {
        JSONRPCResponse.JSONRPCError error =
                new JSONRPCResponse.JSONRPCError(
                        McpSchema.ErrorCodes.INVALID_REQUEST, message, null);
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(wire.write(Map.of("jsonrpc", McpSchema.JSONRPC_VERSION, "error", error)));
    }

    @Override
    public void setSessionFactory(McpStreamableServerSession.Factory sessionFactory) {
        factory = sessionFactory;
    }

    @Override
    public Mono<Void> notifyClients(String method, Object params) {
        return Flux.fromIterable(sessions.values()).flatMap(s -> s.notify(method, params)).then();
    }

    @Override
    public Mono<Void> closeGracefully() {
        return Mono.fromRunnable(() -> {
            sessions.values().forEach(Session::close);
            sessions.clear();
        });
    }

    @Override
    public List<String> protocolVersions() {
        return List.of(
                ProtocolVersions.MCP_2025_03_26,
                ProtocolVersions.MCP_2025_06_18,
                ProtocolVersions.MCP_2025_11_25);
    }

    /// One session, the requests it is answering and the notifications that wait for a listener.
    private final class Session {

        private final Calls calls = new Calls();
        private final Map<String, Object> waiting = new LinkedHashMap<>();
        private final McpStreamableServerSession server;
        private @Nullable Stream listener;

        Session(McpStreamableServerSession server) {
            this.server = server;
        }

        void answer(HttpServerRequest request, JSONRPCRequest asked) {
            Stream stream = new Stream(request, asked);
            CallHeaders headers = CallHeaders.of(request);
            Thread.startVirtualThread(() ->
                    calls.run(
                            asked.id(),
                            server.responseStream(stream)
                                    .handle(asked)
                                    .contextWrite(headers::laidInto)
                                    .doFinally(_ -> stream.close())));
        }

        void accept(JSONRPCMessage message) {
            if (message instanceof JSONRPCNotification notification
                    && !calls.cancelledBy(notification)) {
                server.accept(notification).subscribe();
            } else if (message instanceof JSONRPCResponse response) {
                server.accept(response).subscribe(_ -> {}, _ -> {});
            }
        }

        synchronized void listen(HttpServerRequest request) {
            Stream stream = new Stream(request, null);
            listener = stream;
            McpStreamableServerSessionStream listening = server.listeningStream(stream);
            stream.events.onGone(() -> stopListening(stream, listening));
            waiting.forEach((method, params) ->
                    listening.sendNotification(method, params).subscribe(_ -> {}, _ -> {}));
            waiting.clear();
        }

        private synchronized void stopListening(
                Stream stream, McpStreamableServerSessionStream listening) {
            listening.releaseTransport();
            if (listener == stream) {
                listener = null;
            }
        }

        synchronized Mono<Void> notify(String method, Object params) {
            if (listener == null) {
                waiting.put(method, params);
                return Mono.empty();
            }
            return server.sendNotification(method, params).onErrorComplete();
        }

        synchronized void close() {
            calls.cancelAll();
            if (listener != null) {
                listener.close();
            }
        }
    }

    /// The events of one response.
    private final class Stream implements McpStreamableServerTransport {

        private final EventStream events;
        private final @Nullable JSONRPCRequest asked;

        Stream(HttpServerRequest request, @Nullable JSONRPCRequest asked) {
            this.asked = asked;
            events = new EventStream(vertx.getOrCreateContext(), request.response());
        }

        @Override
        public Mono<Void> sendMessage(JSONRPCMessage message) {
            return sendMessage(message, null);
        }

        @Override
        public Mono<Void> sendMessage(JSONRPCMessage message, @Nullable String messageId) {
            JSONRPCMessage sent = asked == null ? message : wire.page(asked, message);
            return events.send("message", messageId, wire.write(sent));
        }

        @Override
        public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
            return wire.convert(data, type);
        }

        @Override
        public Mono<Void> closeGracefully() {
            return Mono.fromRunnable(this::close);
        }

        @Override
        public void close() {
            events.end();
        }
    }
}
