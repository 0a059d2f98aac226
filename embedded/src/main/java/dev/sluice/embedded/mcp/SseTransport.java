package dev.sluice.embedded.mcp;

import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpServerSession;
import io.modelcontextprotocol.spec.McpServerTransport;
import io.modelcontextprotocol.spec.McpServerTransportProvider;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// The older transport, of 2024-11-05: one stream of events a session, and messages posted beside
/// it.
final class SseTransport implements McpServerTransportProvider {

    static final String STREAM_PATH = "/sse";
    static final String MESSAGE_PATH = "/message";

    private final Vertx vertx;
    private final Wire wire;
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private McpServerSession.@Nullable Factory factory;

    SseTransport(Vertx vertx, Wire wire) {
        this.vertx = vertx;
        this.wire = wire;
    }

    /// Opens a session. On the event loop.
    void open(HttpServerRequest request) {
        Session session = new Session(request);
        session.stream
                .send("endpoint", null, MESSAGE_PATH + "?sessionId=" + session.server.getId())
                .subscribe(_ -> {}, _ -> session.gone());
    }

    /// Takes a message of a session. On the event loop.
    void post(HttpServerRequest request) {
        Session session = sessions.get(String.valueOf(request.getParam("sessionId")));
        if (session == null) {
            request.response().setStatusCode(404).end("Unknown session");
            return;
        }
        CallHeaders headers = CallHeaders.of(request);
        request.body()
                .onSuccess(body ->
                        Thread.startVirtualThread(() -> {
                            boolean taken = session.accept(body.toString(), headers);
                            request.response()
                                    .setStatusCode(taken ? 202 : 400)
                                    .end(taken ? "Accepted" : "No JSON-RPC");
                        }));
    }

    @Override
    public void setSessionFactory(McpServerSession.Factory sessionFactory) {
        factory = sessionFactory;
    }

    @Override
    public Mono<Void> notifyClients(String method, Object params) {
        return Flux.fromIterable(sessions.values())
                .flatMap(s -> s.server.sendNotification(method, params).onErrorComplete())
                .then();
    }

    @Override
    public Mono<Void> closeGracefully() {
        return Mono.fromRunnable(() -> sessions.values().forEach(Session::close));
    }

    /// One session: its stream, and the requests it is answering.
    private final class Session implements McpServerTransport {

        private final Calls calls = new Calls();
        private final Map<Object, JSONRPCRequest> asked = new ConcurrentHashMap<>();
        private final McpServerSession server;
        private final EventStream stream;

        Session(HttpServerRequest request) {
            server = Objects.requireNonNull(factory, "no server has been built").create(this);
            sessions.put(server.getId(), this);
            stream = new EventStream(vertx.getOrCreateContext(), request.response());
            stream.onGone(this::gone);
        }

        boolean accept(String text, CallHeaders headers) {
            JSONRPCMessage message = wire.read(text).orElse(null);
            switch (message) {
                case null -> {
                    return false;
                }
                case JSONRPCRequest request -> {
                    asked.put(request.id(), request);
                    calls.run(
                            request.id(),
                            server.handle(request)
                                    .contextWrite(headers::laidInto)
                                    .doFinally(_ -> asked.remove(request.id())));
                }
                case JSONRPCNotification notification when calls.cancelledBy(notification) -> {}
                default -> server.handle(message).subscribe();
            }
            return true;
        }

        void gone() {
            sessions.remove(server.getId());
            calls.cancelAll();
        }

        @Override
        public Mono<Void> sendMessage(JSONRPCMessage message) {
            JSONRPCRequest request =
                    message instanceof JSONRPCResponse response ? asked.get(response.id()) : null;
            JSONRPCMessage sent = request == null ? message : wire.page(request, message);
            return stream.send("message", null, wire.write(sent));
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
            gone();
            stream.end();
        }
    }
}
