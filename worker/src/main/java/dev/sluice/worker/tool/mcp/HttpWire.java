package dev.sluice.worker.tool.mcp;

import dev.sluice.common.config.McpServerConfig;
import dev.sluice.common.run.TraceContext;
import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.transport.HttpClientSseClientTransport;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.spec.HttpHeaders;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A server reached over HTTP, by one of the MCP SDK's two transports: [streamable
/// HTTP](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http)
/// or the older one with server-sent events.
final class HttpWire implements Wire {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final McpJsonMapper SDK_MAPPER = McpJsonDefaults.getMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    // Some servers end at once, and always, the stream for what they have to say by themselves; a
    // new
    // session would fare no better.
    private static final Duration SETTLED = Duration.ofSeconds(5);
    private static final String EVENTS = "events";
    private static final String TRACE = "trace";

    // The specification has 404; servers in the field answer with the others too.
    private static final Set<Integer> UNKNOWN_SESSION = Set.of(400, 404, 410);
    private static final String SESSION_ID = HttpHeaders.MCP_SESSION_ID;

    private final McpServerConfig config;
    private final boolean streamable;
    private final McpClientTransport transport;
    private final AtomicLong tags = new AtomicLong();
    private final Map<String, Exchange> exchanges = new ConcurrentHashMap<>();
    private volatile @Nullable Listener listener;
    private volatile @Nullable String version;
    private volatile long eventsSince;
    private volatile int eventsStatus;
    private volatile boolean closed;

    HttpWire(McpServerConfig config, HttpClient client) {
        this.config = config;
        streamable = config.transport() == McpServerConfig.Transport.STREAMABLE_HTTP;
        URI url = Objects.requireNonNull(config.url());
        String origin = url.getScheme() + "://" + url.getRawAuthority();
        HttpClient.Builder watched = new WatchedHttpClient(client, new Responses()).asBuilder();
        transport =
                streamable
                        ? HttpClientStreamableHttpTransport.builder(origin)
                                .endpoint(url.toString())
                                .clientBuilder(watched)
                                .supportedProtocolVersions(Protocol.VERSIONS)
                                .addHttpRequestCustomizer(this::prepare)
                                .build()
                        : sse(origin, url, watched);
    }

    @SuppressWarnings("deprecation") // Servers that speak nothing newer are why it is here.
    private McpClientTransport sse(String origin, URI url, HttpClient.Builder watched) {
        return HttpClientSseClientTransport.builder(origin)
                .sseEndpoint(url.toString())
                .clientBuilder(watched)
                .addHttpRequestCustomizer(this::prepare)
                .build();
    }

    @Override
    public void open(Listener listener, Duration timeout)
            throws IOException, InterruptedException, TimeoutException {
        this.listener = listener;
        try {
            transport
                    .connect(messages -> messages.doOnNext(this::received))
                    .toFuture()
                    .get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IOException(
                    eventsStatus == 0 ? reason(e.getCause()) : "HTTP status " + eventsStatus, e);
        }
    }

    @Override
    public List<String> versions() {
        return transport.protocolVersions();
    }

    @Override
    public void ready(String version) {
        this.version = version;
    }

    @Override
    public CompletableFuture<Optional<Reply.Unanswered>> send(ObjectNode message) {
        String tag = Long.toString(tags.incrementAndGet());
        Exchange exchange = new Exchange(message.has("method") ? message.path("id").asInt(0) : 0);
        exchanges.put(tag, exchange);
        Map<String, Object> context = new HashMap<>(Map.of(WatchedHttpClient.TAG, tag));
        TraceContext trace = traceOf(message);
        if (trace != null) {
            context.put(TRACE, trace);
        }
        transport
                .sendMessage(toSdk(message))
                .contextWrite(empty -> {
                    String negotiated = version;
                    var tagged =
                            empty.put(McpTransportContext.KEY, McpTransportContext.create(context));
                    return negotiated == null
                            ? tagged
                            : tagged.put(McpAsyncClient.NEGOTIATED_PROTOCOL_VERSION, negotiated);
                })
                .subscribe(
                        nothing -> {},
                        error -> unanswered(tag, unanswered(error)),
                        () -> exchange.sent.complete(Optional.empty()));
        return exchange.sent;
    }

    @Override
    public void close() {
        closed = true;
        transport
                .closeGracefully()
                .toFuture()
                .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(error -> null)
                .join();
    }

    /// Adds the configured headers, the call's trace, which is more exact than a configured one,
    /// and the tag by which the response will be known.
    private void prepare(
            HttpRequest.Builder request,
            String method,
            URI uri,
            @Nullable String body,
            McpTransportContext context) {
        config.headers().forEach((name, value) -> request.setHeader(name, value.reveal()));
        if (context.get(TRACE) instanceof TraceContext(var traceparent, var tracestate)) {
            request.setHeader(TraceContext.TRACEPARENT, traceparent);
            if (tracestate != null) {
                request.setHeader(TraceContext.TRACESTATE, tracestate);
            }
        }
        if (method.equals("POST") && context.get(WatchedHttpClient.TAG) instanceof String tag) {
            request.setHeader(WatchedHttpClient.TAG, tag);
        } else if (method.equals("GET")) {
            request.setHeader(WatchedHttpClient.TAG, EVENTS);
        }
    }

    private void received(McpSchema.JSONRPCMessage message) {
        Listener told = listener;
        if (told != null) {
            told.received(MAPPER.valueToTree(message));
        }
    }

    /// Only the first to say so is heard: the transport tells of a failure as well, later, less
    /// exactly, and not at all when it gives up the session.
    private void unanswered(String tag, Reply.Unanswered reply) {
        Exchange exchange = exchanges.remove(tag);
        Listener told = listener;
        if (exchange != null) {
            exchange.sent.complete(Optional.of(reply));
            if (told != null && exchange.id != 0) {
                told.unanswered(exchange.id, reply);
            }
        }
    }

    /// What a response means whose status is no success.
    private Reply.Unanswered unanswered(HttpRequest request, int status) {
        boolean ofSession = !streamable || request.headers().firstValue(SESSION_ID).isPresent();
        return ofSession && UNKNOWN_SESSION.contains(status) && version != null
                ? new Reply.Unsent("the server does not know the session any more")
                : new Reply.Rejected(status);
    }

    private static Reply.Unanswered unanswered(Throwable error) {
        return error instanceof ConnectException
                        || error instanceof HttpConnectTimeoutException
                        || error instanceof SSLHandshakeException
                ? new Reply.Unsent(reason(error))
                : new Reply.Lost(reason(error));
    }

    /// What went wrong, without the error's own message, which may quote what the server sent.
    private static String reason(@Nullable Throwable error) {
        return switch (error) {
            case ConnectException _ -> "the connection was refused";
            case HttpConnectTimeoutException _ -> "connecting took too long";
            case SSLHandshakeException _ -> "the TLS handshake failed";
            case IOException _ -> "the connection broke";
            case null -> "unknown";
            default -> error.getClass().getSimpleName();
        };
    }

    /// The trace that a call's `_meta` holds, for those on the way and behind it who look at
    /// headers alone.
    private static @Nullable TraceContext traceOf(ObjectNode message) {
        JsonNode meta = message.path("params").path("_meta");
        return TraceContext.of(
                meta.path(TraceContext.TRACEPARENT).stringValue(null),
                meta.path(TraceContext.TRACESTATE).stringValue(null));
    }

    private static McpSchema.JSONRPCMessage toSdk(ObjectNode message) {
        try {
            return McpSchema.deserializeJsonRpcMessage(SDK_MAPPER, message.toString());
        } catch (IOException e) {
            throw new IllegalArgumentException("not a JSON-RPC message", e);
        }
    }

    /// A message on its way. `id` is the request's, 0 where there is none.
    private static final class Exchange {
        final int id;
        final CompletableFuture<Optional<Reply.Unanswered>> sent = new CompletableFuture<>();

        Exchange(int id) {
            this.id = id;
        }
    }

    /// Sees the ends of streams, of which the SDK says nothing.
    private final class Responses implements WatchedHttpClient.Watch {
        @Override
        public void answered(String tag, HttpRequest request, int status) {
            if (tag.equals(EVENTS)) {
                eventsStatus = status;
                eventsSince = System.nanoTime();
            } else if (status >= 300) {
                unanswered(tag, unanswered(request, status));
            }
        }

        @Override
        public void failed(String tag, Throwable error) {
            unanswered(tag, unanswered(error));
        }

        @Override
        public void ended(String tag) {
            Listener told = listener;
            if (told == null || closed) {
                return;
            }
            if (tag.equals(EVENTS)) {
                eventsEnded(told);
                return;
            }
            Exchange exchange = exchanges.get(tag);
            if (streamable && exchange != null && exchange.id != 0) {
                unanswered(tag, new Reply.Lost("the response ended"));
            } else {
                // Nothing was asked, or the answer comes with the events.
                exchanges.remove(tag);
            }
        }

        private void eventsEnded(Listener told) {
            if (eventsStatus != 200) {
                return;
            }
            if (!streamable) {
                told.ended("the event stream ended");
            } else if (System.nanoTime() - eventsSince > SETTLED.toNanos()) {
                told.worn("the event stream ended");
            } else {
                told.doubted("the event stream ended");
            }
        }
    }
}
