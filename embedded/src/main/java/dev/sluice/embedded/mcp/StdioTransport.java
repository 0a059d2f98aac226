package dev.sluice.embedded.mcp;

import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpServerSession;
import io.modelcontextprotocol.spec.McpServerTransport;
import io.modelcontextprotocol.spec.McpServerTransportProvider;
import io.modelcontextprotocol.spec.ProtocolVersions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// One session over a pair of streams: a message a line.
final class StdioTransport implements McpServerTransportProvider, McpServerTransport {

    private final Wire wire;
    private final PrintStream out;
    private final Calls calls = new Calls();
    private final Map<Object, JSONRPCRequest> listings = new ConcurrentHashMap<>();
    private @Nullable McpServerSession session;

    StdioTransport(Wire wire, PrintStream out) {
        this.wire = wire;
        this.out = out;
    }

    /// Answers what comes from `in`, on this thread, until it ends.
    void serve(InputStream in) throws IOException {
        McpServerSession served = Objects.requireNonNull(session, "no server has been built");
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            wire.read(line).ifPresent(message -> accept(served, message));
        }
        calls.cancelAll();
    }

    private void accept(McpServerSession served, JSONRPCMessage message) {
        switch (message) {
            case JSONRPCRequest request -> {
                listings.put(request.id(), request);
                calls.run(
                        request.id(),
                        served.handle(request).doFinally(_ -> listings.remove(request.id())));
            }
            case JSONRPCNotification notification when calls.cancelledBy(notification) -> {}
            default -> served.handle(message).subscribe();
        }
    }

    @Override
    public void setSessionFactory(McpServerSession.Factory factory) {
        session = factory.create(this);
    }

    @Override
    public Mono<Void> notifyClients(String method, Object params) {
        return session == null ? Mono.empty() : session.sendNotification(method, params);
    }

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message) {
        return Mono.fromRunnable(() -> {
            JSONRPCRequest asked =
                    message instanceof JSONRPCResponse response
                            ? listings.get(response.id())
                            : null;
            String line = wire.write(asked == null ? message : wire.page(asked, message));
            synchronized (out) {
                out.print(line + "\n");
                out.flush();
            }
        });
    }

    @Override
    public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
        return wire.convert(data, type);
    }

    @Override
    public List<String> protocolVersions() {
        return List.of(
                ProtocolVersions.MCP_2024_11_05,
                ProtocolVersions.MCP_2025_03_26,
                ProtocolVersions.MCP_2025_06_18,
                ProtocolVersions.MCP_2025_11_25);
    }

    @Override
    public Mono<Void> closeGracefully() {
        return Mono.fromRunnable(calls::cancelAll);
    }

    @Override
    public void close() {
        calls.cancelAll();
    }
}
