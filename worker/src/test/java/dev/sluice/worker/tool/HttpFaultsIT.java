package dev.sluice.worker.tool;

import static dev.sluice.worker.tool.Configs.ALL;
import static dev.sluice.worker.tool.Opening.call;
import static dev.sluice.worker.tool.Opening.text;
import static dev.sluice.worker.tool.Opening.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.common.config.McpServerConfig.Transport;
import dev.sluice.worker.run.Tool;
import dev.sluice.worker.run.Toolbox;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Streamable HTTP against a server that answers calls as each test says.
class HttpFaultsIT {
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private final Queue<String> keys = new ConcurrentLinkedQueue<>();
    private final CountDownLatch never = new CountDownLatch(1);
    private HttpServer server;
    private ToolSources sources;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/some/mcp?tenant=a";
        sources =
                new ToolSources(
                        Map.of(
                                "h",
                                Configs.http(
                                        Transport.STREAMABLE_HTTP, url, Duration.ofSeconds(30))),
                        new SimpleMeterRegistry());
    }

    @AfterEach
    void stop() {
        sources.close();
        never.countDown();
        server.stop(0);
    }

    @Test
    void aServerThatWantsOtherKeysIsUnavailable() throws InterruptedException {
        answers.add(Answer.status(401));

        assertThat(toolbox().open()).isEqualTo(new Toolbox.Opened.Unavailable("h"));
        assertThat(asked).containsExactly("initialize");
        assertThat(keys).containsOnly("sesame");
    }

    @Test
    void theSessionIsOpenedInOrder() throws InterruptedException {
        tool(toolbox(), "h__do");

        assertThat(asked).startsWith("initialize", "notifications/initialized", "tools/list");
    }

    @Test
    void aCallWhoseStreamEndsWithoutAnAnswerFailsAtOnce() throws InterruptedException {
        Tool tool = tool(toolbox(), "h__do");
        answers.add(new Answer(200, "text/event-stream", ": nothing more\n\n"));

        Tool.Output output = call(tool, "{}");

        assertThat(text(output)).contains("went away", "unknown");
        assertThat(asked).containsOnlyOnce("tools/call");
    }

    @Test
    void aCallThatTheServerTurnsAwayIsNotRepeated() throws InterruptedException {
        Tool tool = tool(toolbox(), "h__do");
        answers.add(Answer.status(503));

        assertThat(text(call(tool, "{}"))).contains("503");
        assertThat(asked).containsOnlyOnce("tools/call");
    }

    @Test
    void aCallOverAForgottenSessionIsMadeOverANewOne() throws InterruptedException {
        Tool tool = tool(toolbox(), "h__do");
        answers.add(Answer.status(404));

        assertThat(text(call(tool, "{}"))).isEqualTo("done");
        assertThat(asked.stream().filter("initialize"::equals)).hasSize(2);
    }

    @Test
    void aCallInFlightOverAForgottenSessionIsNotLeftWaiting() throws InterruptedException {
        Tool tool = tool(toolbox(), "h__do");
        answers.add(Answer.NEVER);
        Background first = Background.call(tool, "{}");
        await().until(() -> asked.contains("tools/call"));
        answers.add(Answer.status(404));

        assertThat(text(call(tool, "{}"))).isEqualTo("done");

        assertThat(first.output())
                .succeedsWithin(Duration.ofSeconds(5))
                .satisfies(output -> assertThat(text(output)).contains("went away", "unknown"));
    }

    @Test
    void aServerThatForgetsEverySessionIsGivenUp() throws InterruptedException {
        Tool tool = tool(toolbox(), "h__do");
        // For the call, the new session's three messages, and the second call.
        answers.addAll(
                List.of(
                        Answer.status(404),
                        Answer.USUAL,
                        Answer.USUAL,
                        Answer.USUAL,
                        Answer.status(404)));

        assertThat(text(call(tool, "{}"))).contains("unavailable", "not made");
    }

    private Toolbox toolbox() {
        return sources.toolbox(Configs.agent(ALL, "h"));
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("X-Api-Key")));
            if (!exchange.getRequestMethod().equals("POST")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            JsonNode message = JsonMapper.shared().readTree(body);
            asked.add(message.path("method").asString());
            Answer answer = answers.poll();
            if (answer == null || answer.equals(Answer.USUAL)) {
                answer = usual(message);
            }
            if (answer.equals(Answer.NEVER)) {
                never.await();
            }
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            exchange.getResponseHeaders().set("Mcp-Session-Id", "session");
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
            if (bytes.length > 0) {
                exchange.getResponseBody().write(bytes);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Answer usual(JsonNode message) {
        String result =
                switch (message.path("method").asString()) {
                    case "initialize" ->
                            "{'protocolVersion':'2025-06-18','capabilities':{'tools':{}},"
                                    + "'serverInfo':{'name':'h','version':'1'}}";
                    case "tools/list" ->
                            "{'tools':[{'name':'do','inputSchema':{'type':'object'}}]}";
                    case "tools/call" -> "{'content':[{'type':'text','text':'done'}]}";
                    default -> "{}";
                };
        return message.has("id")
                ? new Answer(
                        200,
                        "application/json",
                        "{'jsonrpc':'2.0','id':%s,'result':%s}"
                                .formatted(message.path("id"), result)
                                .replace('\'', '"'))
                : Answer.status(202);
    }

    private record Answer(int status, String type, String body) {
        static final Answer USUAL = status(0);
        static final Answer NEVER = status(1);

        static Answer status(int status) {
            return new Answer(status, "text/plain", "");
        }
    }
}
