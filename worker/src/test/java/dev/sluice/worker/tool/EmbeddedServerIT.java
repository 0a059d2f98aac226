package dev.sluice.worker.tool;

import static dev.sluice.worker.tool.Configs.ALL;
import static dev.sluice.worker.tool.Opening.ask;
import static dev.sluice.worker.tool.Opening.call;
import static dev.sluice.worker.tool.Opening.names;
import static dev.sluice.worker.tool.Opening.text;
import static dev.sluice.worker.tool.Opening.tool;
import static dev.sluice.worker.tool.Opening.tools;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.common.config.ByteSize;
import dev.sluice.common.config.McpServerConfig;
import dev.sluice.common.config.McpServerConfig.Transport;
import dev.sluice.embedded.mcp.McpHttpServer;
import dev.sluice.embedded.mcp.McpStdioMain;
import dev.sluice.embedded.mcp.ToolInvocation;
import dev.sluice.worker.run.Tool;
import dev.sluice.worker.run.Toolbox;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The embedded MCP server over each transport.
class EmbeddedServerIT {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private McpHttpServer server = McpHttpServer.start(0);
    private @Nullable ToolSources sources;

    @AfterEach
    void closeInTime() {
        long begun = System.nanoTime();
        if (sources != null) {
            sources.close();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void toolsAreListedAndCalled(Transport transport) throws InterruptedException {
        Toolbox toolbox = toolbox(transport, MINUTE);

        assertThat(names(tools(toolbox)))
                .containsExactlyInAnyOrder(
                        "demo__current_time",
                        "demo__calculate",
                        "demo__wait",
                        "demo__fail",
                        "demo__count",
                        "demo__echo");
        assertThat(tool(toolbox, "demo__echo").repeatable()).isTrue();
        assertThat(ask(toolbox, "demo__calculate", "{'expression':'6*7'}")).contains("42");
    }

    @ParameterizedTest
    @EnumSource
    void aToolThatFailsTellsTheModelWhy(Transport transport) throws InterruptedException {
        assertThat(call(tool(toolbox(transport, MINUTE), "demo__fail"), "{'message':'too wet'}"))
                .isEqualTo(Tool.Output.error("too wet"));
    }

    @ParameterizedTest
    @EnumSource
    void progressIsTakenPolitely(Transport transport) throws InterruptedException {
        assertThat(ask(toolbox(transport, MINUTE), "demo__count", "{'n':5,'interval_ms':10}"))
                .isEqualTo("Counted to 5.");
    }

    @ParameterizedTest
    @EnumSource
    void aLongResultIsCut(Transport transport) throws InterruptedException {
        assertThat(ask(toolbox(transport, MINUTE), "demo__echo", "{'text':'€','repeat':1000000}"))
                .isEqualTo(
                        "€".repeat(1024 / 3)
                                + "\n[truncated: 2,998,977 of 3,000,000 bytes left out]");
    }

    @ParameterizedTest
    @EnumSource
    void aTimeoutIsAnErrorAndTheSessionGoesOn(Transport transport) throws InterruptedException {
        Toolbox toolbox = toolbox(transport, Duration.ofMillis(700));

        assertThat(call(tool(toolbox, "demo__wait"), "{'seconds':60}"))
                .isEqualTo(Tool.Output.error("The tool did not answer within 0.7 s."));

        assertThat(ask(toolbox, "demo__echo", "{'text':'hi'}")).isEqualTo("hi");
        if (transport != Transport.STDIO) {
            await().atMost(SECOND).untilAsserted(this::theWaitIsCancelled);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "STDIO", mode = EnumSource.Mode.EXCLUDE)
    void anInterruptIsSeenByTheServerWithinASecond(Transport transport)
            throws InterruptedException {
        Toolbox toolbox = toolbox(transport, MINUTE);
        Background waiting = Background.call(tool(toolbox, "demo__wait"), "{'seconds':60}");
        await().until(() -> !server.invocations().isEmpty());

        waiting.thread().interrupt();

        await().atMost(SECOND).untilAsserted(this::theWaitIsCancelled);
        assertThatThrownBy(() -> waiting.output().get(1, TimeUnit.SECONDS))
                .hasCauseInstanceOf(InterruptedException.class);
    }

    @ParameterizedTest
    @EnumSource(names = "STDIO", mode = EnumSource.Mode.EXCLUDE)
    void theServerGetsTheIdempotencyKey(Transport transport) throws InterruptedException {
        ask(toolbox(transport, MINUTE), "demo__echo", "{'text':'hi'}");

        assertThat(server.invocations().getFirst().meta())
                .containsEntry("dev.sluice/idempotency-key", "run_1/call_1")
                .containsEntry("traceparent", Opening.TRACE.traceparent());
    }

    @ParameterizedTest
    @EnumSource(names = "STDIO", mode = EnumSource.Mode.EXCLUDE)
    void theRequestOfACallHasTheTraceBesideTheConfiguredHeaders(Transport transport)
            throws InterruptedException {
        ask(toolbox(transport, MINUTE), "demo__echo", "{'text':'hi'}");

        assertThat(server.invocations().getFirst().headers())
                .containsEntry("traceparent", Opening.TRACE.traceparent())
                .containsEntry("tracestate", "a=b")
                .containsEntry("x-api-key", "sesame");
    }

    @ParameterizedTest
    @EnumSource(names = "STDIO", mode = EnumSource.Mode.EXCLUDE)
    void aServerThatWasRestartedWorksAtTheNextCall(Transport transport)
            throws InterruptedException {
        Toolbox toolbox = toolbox(transport, MINUTE);
        Tool echo = tool(toolbox, "demo__echo");
        assertThat(text(call(echo, "{'text':'before'}"))).isEqualTo("before");

        restart();

        assertThat(text(call(echo, "{'text':'after'}"))).isEqualTo("after");
        assertThat(tools(toolbox)).hasSize(6);
    }

    @ParameterizedTest
    @EnumSource(names = "STDIO", mode = EnumSource.Mode.EXCLUDE)
    void aCallFailsAtOnceWhenItsServerGoes(Transport transport) throws InterruptedException {
        Toolbox toolbox = toolbox(transport, MINUTE);
        Background waiting = Background.call(tool(toolbox, "demo__wait"), "{'seconds':60}");
        await().until(() -> !server.invocations().isEmpty());

        restart();

        assertThat(waiting.output())
                .succeedsWithin(Duration.ofSeconds(2))
                .satisfies(output -> assertThat(output.error()).isTrue());
        assertThat(ask(toolbox, "demo__echo", "{'text':'after'}")).isEqualTo("after");
        assertThat(server.invocations()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(names = "STDIO", mode = EnumSource.Mode.EXCLUDE)
    void aServerThatIsDownIsUnavailableUntilItIsUp(Transport transport)
            throws InterruptedException {
        Toolbox toolbox = toolbox(transport, MINUTE);
        Tool echo = tool(toolbox, "demo__echo");
        int port = server.url().getPort();
        server.close();

        await().untilAsserted(() ->
                assertThat(toolbox.open()).isEqualTo(new Toolbox.Opened.Unavailable("demo")));
        assertThat(call(echo, "{'text':'hi'}").error()).isTrue();

        server = McpHttpServer.start(port);
        assertThat(ask(toolbox, "demo__echo", "{'text':'hi'}")).isEqualTo("hi");
    }

    @ParameterizedTest
    @EnumSource(names = "STDIO", mode = EnumSource.Mode.EXCLUDE)
    void aChangedListingIsSeenByALaterRun(Transport transport) throws InterruptedException {
        Toolbox toolbox = toolbox(transport, MINUTE);
        assertThat(tools(toolbox)).hasSize(6);

        server.addTool("late", false, arguments -> "better than never");

        await().untilAsserted(() -> assertThat(names(tools(toolbox))).contains("demo__late"));
        assertThat(tool(toolbox, "demo__late").repeatable()).isFalse();
        assertThat(ask(toolbox, "demo__late", "{}")).isEqualTo("better than never");
    }

    private void theWaitIsCancelled() {
        assertThat(server.invocations())
                .filteredOn(call -> call.tool().equals("wait"))
                .extracting(ToolInvocation::outcome)
                .containsExactly(ToolInvocation.Outcome.CANCELLED);
    }

    private void restart() {
        int port = server.url().getPort();
        server.close();
        server = McpHttpServer.start(port);
    }

    private Toolbox toolbox(Transport transport, Duration callTimeout) {
        McpServerConfig config =
                switch (transport) {
                    case STDIO ->
                            Configs.stdio(
                                    McpStdioMain.class.getName(),
                                    callTimeout,
                                    List.of("--tools-per-page=2"));
                    case STREAMABLE_HTTP -> http(transport, server.url(), callTimeout);
                    case SSE -> http(transport, server.sseUrl(), callTimeout);
                };
        sources =
                new ToolSources(
                        Map.of("demo", Configs.with(config, ALL, new ByteSize(1024))),
                        new SimpleMeterRegistry());
        return sources.toolbox(Configs.agent(ALL, "demo"));
    }

    private static McpServerConfig http(Transport transport, URI url, Duration callTimeout) {
        return Configs.http(transport, url.toString(), callTimeout);
    }
}
