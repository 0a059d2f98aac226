package dev.sluice.embedded.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.embedded.mcp.ToolInvocation.Outcome;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientSseClientTransport;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.ListToolsResult;
import io.modelcontextprotocol.spec.McpSchema.ProgressNotification;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

@Timeout(60)
class McpTransportsIT {

    private static final int PER_PAGE = 4;

    private static Vertx vertx;
    private static McpHttpServer server;

    private final List<McpSyncClient> clients = new ArrayList<>();
    private final List<ProgressNotification> progress = new CopyOnWriteArrayList<>();
    private final BlockingQueue<List<Tool>> toolChanges = new LinkedBlockingQueue<>();

    enum Over {
        STDIO,
        STREAMABLE,
        SSE;

        /// The older transport is deprecated, and served all the same.
        @SuppressWarnings("deprecation")
        McpClientTransport transport() {
            return switch (this) {
                case STDIO ->
                        new StdioClientTransport(
                                ServerParameters.builder(
                                                Path.of(
                                                                System.getProperty("java.home"),
                                                                "bin",
                                                                "java")
                                                        .toString())
                                        .args(
                                                "-cp",
                                                System.getProperty("java.class.path"),
                                                McpStdioMain.class.getName(),
                                                "--tools-per-page=" + PER_PAGE)
                                        .build(),
                                McpJsonDefaults.getMapper());
                case STREAMABLE ->
                        HttpClientStreamableHttpTransport.builder(base(server.url()))
                                .endpoint("/mcp")
                                .build();
                case SSE -> HttpClientSseClientTransport.builder(base(server.sseUrl())).build();
            };
        }

        private static String base(URI url) {
            return url.resolve("/").toString();
        }
    }

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        server = McpHttpServer.start(vertx, new DemoTools(Clock.systemUTC()), 0, PER_PAGE);
    }

    @AfterAll
    static void stop() {
        server.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @AfterEach
    void closeClients() {
        clients.forEach(McpSyncClient::close);
    }

    @ParameterizedTest
    @EnumSource
    void toolsAreListedInPagesWithTheirHints(Over over) {
        McpSyncClient client = client(over.transport());

        ListToolsResult first = client.listTools((String) null);
        ListToolsResult second = client.listTools(first.nextCursor());

        assertThat(first.tools()).hasSize(PER_PAGE);
        assertThat(second.nextCursor()).isNull();
        assertThat(client.listTools().tools())
                .extracting(Tool::name)
                .containsExactlyInAnyOrder(
                        "current_time", "calculate", "wait", "fail", "count", "echo");
        assertThat(first.tools().getFirst().annotations().readOnlyHint()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aCallReturnsItsResultAndAnErrorIsAResultToo(Over over) {
        McpSyncClient client = client(over.transport());

        CallToolResult product = call(client, "calculate", Map.of("expression", "12*7"));
        CallToolResult failure = call(client, "fail", Map.of("message", "as asked"));
        CallToolResult large = call(client, "echo", Map.of("text", "é\nx", "repeat", 300_000));

        assertThat(text(product)).isEqualTo("84");
        assertThat(product.isError()).isFalse();
        assertThat(text(failure)).isEqualTo("as asked");
        assertThat(failure.isError()).isTrue();
        assertThat(text(large)).hasSize(900_000);
    }

    @ParameterizedTest
    @EnumSource
    void progressIsReportedInOrderWhenItIsAskedFor(Over over) {
        // The order is looked at in the transport: the SDK's client hands notifications to its
        // consumers concurrently.
        Recording transport = new Recording(over.transport());
        McpSyncClient client = client(transport);

        client.callTool(
                CallToolRequest.builder("count")
                        .arguments(Map.of("n", 3, "interval_ms", 1))
                        .meta(Map.of("progressToken", "p"))
                        .build());
        call(client, "count", Map.of("n", 3, "interval_ms", 1));

        await().until(() -> progress.size() >= 3);
        assertThat(transport.progress()).containsExactly(1.0, 2.0, 3.0);
        assertThat(progress).hasSize(3);
    }

    @ParameterizedTest
    @EnumSource(names = {"STREAMABLE", "SSE"})
    void aCancelledCallIsInterrupted(Over over) throws Exception {
        Recording transport = new Recording(over.transport());
        McpSyncClient client = client(transport);
        String mark = over + "-" + System.nanoTime();
        CompletableFuture<Void> waiting =
                inBackground(() ->
                        client.callTool(
                                CallToolRequest.builder("wait")
                                        .arguments(Map.of("seconds", 60))
                                        .meta(Map.of("mark", mark))
                                        .build()));
        await().until(() -> invocation(mark).isPresent());

        long sent = System.nanoTime();
        transport.cancelLastCall();
        await().pollInterval(Duration.ofMillis(5))
                .until(() -> invocation(mark).orElseThrow().outcome() == Outcome.CANCELLED);

        assertThat(System.nanoTime() - sent).isLessThan(TimeUnit.SECONDS.toNanos(1));
        assertThat(text(call(client, "echo", Map.of("text", "alive")))).isEqualTo("alive");
        waiting.cancel(true);
    }

    @Test
    void aCancelledCallOverStdioFreesTheServer() throws Exception {
        Recording transport = new Recording(Over.STDIO.transport());
        McpSyncClient client = client(transport);
        CompletableFuture<Void> counting =
                inBackground(() ->
                        client.callTool(
                                CallToolRequest.builder("count")
                                        .arguments(Map.of("n", 1000, "interval_ms", 10))
                                        .meta(Map.of("progressToken", "c"))
                                        .build()));
        await().until(() -> progress.size() >= 3);

        transport.cancelLastCall();
        call(client, "wait", Map.of("seconds", 0.1));
        int after = transport.progress().size();
        call(client, "wait", Map.of("seconds", 0.2));

        assertThat(transport.progress()).hasSize(after);
        counting.cancel(true);
    }

    @ParameterizedTest
    @EnumSource(names = {"STREAMABLE", "SSE"})
    void aToolAddedAtRunTimeIsAnnouncedAndCallable(Over over) throws Exception {
        McpSyncClient client = client(over.transport());

        server.addTool("late", false, arguments -> "got " + arguments);
        try {
            List<Tool> changed = toolChanges.poll(5, TimeUnit.SECONDS);

            assertThat(changed).extracting(Tool::name).contains("late");
            assertThat(text(call(client, "late", Map.of("a", 1)))).isEqualTo("got {a=1}");
        } finally {
            server.removeTool("late");
        }
        assertThat(toolChanges.poll(5, TimeUnit.SECONDS))
                .extracting(Tool::name)
                .doesNotContain("late");
    }

    @ParameterizedTest
    @EnumSource
    void anAddedToolSaysHowItMayBeRepeatedAndSeesTheCallsMeta(ToolHints hints) {
        server.addTool("hinted", hints, call -> "for " + call.meta().get("mark"));
        try {
            McpSyncClient client = client(Over.STREAMABLE.transport());

            Tool tool =
                    client.listTools().tools().stream()
                            .filter(listed -> listed.name().equals("hinted"))
                            .findFirst()
                            .orElseThrow();
            CallToolResult result =
                    client.callTool(
                            CallToolRequest.builder("hinted")
                                    .arguments(Map.of())
                                    .meta(Map.of("mark", "m1"))
                                    .build());

            assertThat(tool.annotations().readOnlyHint()).isEqualTo(hints == ToolHints.READ_ONLY);
            assertThat(tool.annotations().idempotentHint()).isEqualTo(hints != ToolHints.NEITHER);
            assertThat(text(result)).isEqualTo("for m1");
        } finally {
            server.removeTool("hinted");
        }
    }

    @Test
    void aCallIsJournaledWithItsArgumentsAndMeta() {
        McpSyncClient client = client(Over.STREAMABLE.transport());

        client.callTool(
                CallToolRequest.builder("echo")
                        .arguments(Map.of("text", "t"))
                        .meta(Map.of("mark", "journaled"))
                        .build());

        ToolInvocation invocation = invocation("journaled").orElseThrow();
        assertThat(invocation.tool()).isEqualTo("echo");
        assertThat(invocation.arguments()).containsEntry("text", "t");
        assertThat(invocation.outcome()).isEqualTo(Outcome.RETURNED);
        assertThat(invocation.ended()).isAfterOrEqualTo(invocation.started());
    }

    @Test
    void aClientThatGoesAwayEndsItsSseCalls() {
        McpSyncClient client = client(Over.SSE.transport());
        CompletableFuture<Void> waiting =
                inBackground(() ->
                        client.callTool(
                                CallToolRequest.builder("wait")
                                        .arguments(Map.of("seconds", 60))
                                        .meta(Map.of("mark", "gone"))
                                        .build()));
        await().until(() -> invocation("gone").isPresent());

        client.close();

        await().until(() -> invocation("gone").orElseThrow().outcome() == Outcome.CANCELLED);
        waiting.cancel(true);
    }

    @Test
    void strangersAndUnknownSessionsAreTurnedAway() throws Exception {
        assertThat(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}")).isEqualTo(400);
        assertThat(post("{", "Mcp-Session-Id", "x")).isEqualTo(400);
        assertThat(
                        post(
                                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
                                "Mcp-Session-Id",
                                "x"))
                .isEqualTo(404);
        assertThat(post("{}", "Origin", "http://elsewhere.example")).isEqualTo(403);
    }

    private static int post(String body, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.url())
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    /// Not on the common pool: the JDK's HTTP client completes its requests there, and it is small.
    private static CompletableFuture<Void> inBackground(Runnable call) {
        return CompletableFuture.runAsync(call, Thread::startVirtualThread);
    }

    private McpSyncClient client(McpClientTransport transport) {
        McpSyncClient client =
                McpClient.sync(transport)
                        .requestTimeout(Duration.ofSeconds(30))
                        .progressConsumer(progress::add)
                        .toolsChangeConsumer(toolChanges::add)
                        .build();
        clients.add(client);
        client.initialize();
        return client;
    }

    private static Optional<ToolInvocation> invocation(String mark) {
        return server.invocations().stream()
                .filter(i -> mark.equals(i.meta().get("mark")))
                .findFirst();
    }

    private static CallToolResult call(
            McpSyncClient client, String tool, Map<String, Object> arguments) {
        return client.callTool(CallToolRequest.builder(tool).arguments(arguments).build());
    }

    private static String text(CallToolResult result) {
        return ((TextContent) result.content().getFirst()).text();
    }

    /// A client's transport that remembers the id of the last call: the SDK's client cannot cancel.
    private static final class Recording implements McpClientTransport {

        private final McpClientTransport transport;
        private final List<JSONRPCMessage> received = new CopyOnWriteArrayList<>();
        private volatile Object lastCall = "";

        Recording(McpClientTransport transport) {
            this.transport = transport;
        }

        List<Double> progress() {
            return received.stream()
                    .filter(JSONRPCNotification.class::isInstance)
                    .map(JSONRPCNotification.class::cast)
                    .filter(notification -> notification.method().equals("notifications/progress"))
                    .map(notification -> (Map<?, ?>) notification.params())
                    .map(params -> Double.valueOf(String.valueOf(params.get("progress"))))
                    .toList();
        }

        void cancelLastCall() {
            transport
                    .sendMessage(
                            new JSONRPCNotification(
                                    "notifications/cancelled", Map.of("requestId", lastCall)))
                    .block();
        }

        @Override
        public Mono<Void> connect(Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler) {
            return transport.connect(message -> handler.apply(message.doOnNext(received::add)));
        }

        @Override
        public Mono<Void> sendMessage(JSONRPCMessage message) {
            if (message instanceof JSONRPCRequest request
                    && request.method().equals("tools/call")) {
                lastCall = request.id();
            }
            return transport.sendMessage(message);
        }

        @Override
        public Mono<Void> closeGracefully() {
            return transport.closeGracefully();
        }

        @Override
        public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
            return transport.unmarshalFrom(data, type);
        }

        @Override
        public List<String> protocolVersions() {
            return transport.protocolVersions();
        }
    }
}
