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
import dev.sluice.common.config.ToolFilter;
import dev.sluice.common.run.ContentPart;
import dev.sluice.worker.run.Tool;
import dev.sluice.worker.run.Toolbox;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Calls of a child process, and what becomes of them.
class StdioIT extends ScriptedServer {

    @Test
    void theListingIsFollowedToItsEnd() throws InterruptedException {
        List<Tool> tools = tools(scripted());

        assertThat(names(tools))
                .containsExactly(
                        "s__meta",
                        "s__result",
                        "s__refuse",
                        "s__die",
                        "s__hang",
                        "s__cancelled",
                        "s__grow",
                        "s__env",
                        "s__chatter",
                        "s__pid");
        Tool meta = tools.getFirst();
        assertThat(meta.definition().description()).isEqualTo("Does meta");
        assertThat(meta.definition().parameters())
                .hasToString("{\"type\":\"object\",\"properties\":{}}");
        assertThat(meta.repeatable()).isFalse();
        Tool pid = tools.getLast();
        assertThat(pid.definition().description()).isEqualTo("Process id");
        assertThat(pid.repeatable()).isTrue();
    }

    @Test
    void aServerThatIsConfiguredAsIdempotentHasNoToolThatIsNot() throws InterruptedException {
        McpServerConfig server = Configs.idempotent(config(Duration.ofSeconds(5)));

        assertThat(tools(sources(Map.of("s", server)).toolbox(Configs.agent(ALL, "s"))))
                .isNotEmpty()
                .allMatch(Tool::repeatable);
    }

    @Test
    void filtersTakeTheServersNameAndThenTheModels() throws InterruptedException {
        McpServerConfig server =
                Configs.with(
                        config(Duration.ofSeconds(5)),
                        new ToolFilter(List.of("p*", "re*"), List.of("refuse")),
                        new ByteSize(1024));
        ToolSources sources = sources(Map.of("s", server));

        assertThat(names(tools(sources.toolbox(Configs.agent(ALL, "s")))))
                .containsExactly("s__result", "s__pid");
        assertThat(
                        names(
                                tools(
                                        sources.toolbox(
                                                Configs.agent(
                                                        new ToolFilter(List.of(), List.of("s__r*")),
                                                        "s")))))
                .containsExactly("s__pid");
    }

    @Test
    void agentsShareOneProcess() throws InterruptedException {
        ToolSources sources = sources(Map.of("s", config(Duration.ofSeconds(5))));
        Toolbox one = sources.toolbox(Configs.agent(ALL, "s"));
        Toolbox other = sources.toolbox(Configs.agent(ALL, "s"));
        List<CompletableFuture<String>> pids =
                IntStream.range(0, 20)
                        .mapToObj(i ->
                                inBackground(() -> ask(i % 2 == 0 ? one : other, "s__pid", "{}")))
                        .toList();

        assertThat(pids.stream().map(CompletableFuture::join).distinct()).hasSize(1);
        assertThat(children()).hasSize(1);
    }

    @Test
    void aCallCarriesTheTraceAndTheIdempotencyKey() throws InterruptedException {
        JsonNode meta = JsonMapper.shared().readTree(ask(scripted(), "s__meta", "{}"));

        assertThat(meta.path("traceparent").asString()).isEqualTo(Opening.TRACE.traceparent());
        assertThat(meta.path("tracestate").asString()).isEqualTo("a=b");
        assertThat(meta.path("dev.sluice/idempotency-key").asString()).isEqualTo("run_1/call_1");
        assertThat(calls("meta", "ok")).isEqualTo(1);
    }

    @Test
    void aRefusalByTheProtocolTellsTheModelWhy() throws InterruptedException {
        Tool.Output output = call(tool(scripted(), "s__refuse"), "{}");

        assertThat(output.error()).isTrue();
        assertThat(text(output)).isEqualTo("no such city");
        assertThat(calls("refuse", "error")).isEqualTo(1);
    }

    @Test
    void aResultThatIsAnErrorIsOne() throws InterruptedException {
        Tool result = tool(scripted(), "s__result");

        assertThat(call(result, "{'isError':true,'content':[{'type':'text','text':'no'}]}"))
                .isEqualTo(Tool.Output.error("no"));
        assertThat(call(result, "{'structuredContent':{'a':{}}}"))
                .isEqualTo(new Tool.Output(List.of(new ContentPart.Text("{\"a\":{}}")), false));
    }

    @Test
    void aTimeoutIsAnErrorAndTheServerIsTold() throws InterruptedException {
        Toolbox toolbox = scripted(Duration.ofMillis(300));

        Tool.Output output = call(tool(toolbox, "s__hang"), "{}");

        assertThat(output).isEqualTo(Tool.Output.error("The tool did not answer within 0.3 s."));
        assertThat(ask(toolbox, "s__cancelled", "{}")).contains("\"reason\":\"timeout\"");
        assertThat(calls("hang", "timeout")).isEqualTo(1);
    }

    @Test
    void anInterruptCancelsTheCallAtTheServer() throws Exception {
        Toolbox toolbox = scripted();
        Tool hang = tool(toolbox, "s__hang");
        Background call = Background.call(hang, "{}");

        call.thread().interrupt();

        assertThatThrownBy(() -> call.output().get(1, TimeUnit.SECONDS))
                .hasCauseInstanceOf(InterruptedException.class);
        assertThat(ask(toolbox, "s__cancelled", "{}")).contains("requestId");
        assertThat(calls("hang", "cancelled")).isEqualTo(1);
    }

    @Test
    void aCallFailsAtOnceWhenItsServerDies() throws InterruptedException {
        Toolbox toolbox = scripted(Duration.ofMinutes(1));
        long pid = Long.parseLong(ask(toolbox, "s__pid", "{}"));
        Tool hang = tool(toolbox, "s__hang");
        Background call = Background.call(hang, "{}");

        ProcessHandle.of(pid).orElseThrow().destroyForcibly();

        assertThat(call.output())
                .succeedsWithin(Duration.ofSeconds(2))
                .satisfies(output -> {
                    assertThat(output.error()).isTrue();
                    assertThat(text(output)).contains("went away", "unknown");
                });
        assertThat(ask(toolbox, "s__pid", "{}")).isNotEqualTo(Long.toString(pid));
        assertThat(calls("hang", "unavailable")).isEqualTo(1);
    }

    @Test
    void aServerThatDiesOfACallIsNotCalledAgainByItself() throws InterruptedException {
        Toolbox toolbox = scripted(Duration.ofMinutes(1));
        String pid = ask(toolbox, "s__pid", "{}");

        assertThat(text(call(tool(toolbox, "s__die"), "{}"))).contains("went away");
        assertThat(ask(toolbox, "s__pid", "{}")).isNotEqualTo(pid);
    }

    @Test
    void aToolKeptFromADeadSessionStartsANewOne() throws InterruptedException {
        Toolbox toolbox = scripted();
        Tool pid = tool(toolbox, "s__pid");
        String first = text(call(pid, "{}"));
        ProcessHandle.of(Long.parseLong(first)).orElseThrow().destroyForcibly();

        await().untilAsserted(() -> assertThat(ProcessHandle.of(Long.parseLong(first))).isEmpty());

        assertThat(text(call(pid, "{}"))).isNotEqualTo(first).matches("\\d+");
    }

    @Test
    void aChangedListingIsSeenByTheNextRun() throws InterruptedException {
        Toolbox toolbox = scripted();
        assertThat(tools(toolbox)).hasSize(10);

        ask(toolbox, "s__grow", "{}");

        assertThat(names(tools(toolbox))).hasSize(11).last().isEqualTo("s__grown10");
        assertThat(ask(toolbox, "s__grown10", "{}")).isEqualTo("called grown10");
    }

    @Test
    void whatTheServerSaysBesideTheAnswerIsTakenPolitely() throws InterruptedException {
        Toolbox toolbox = scripted();

        ask(toolbox, "s__chatter", "{}");

        await().untilAsserted(() ->
                assertThat(ask(toolbox, "s__chatter", "{}"))
                        .contains("{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"result\":{}}")
                        .contains("\"id\":77,\"error\":{\"code\":-32601"));
    }

    private long calls(String tool, String outcome) {
        return meters.get("sluice.tool.calls")
                .tag("server", "s")
                .tag("tool", tool)
                .tag("outcome", outcome)
                .timer()
                .count();
    }

    private static <T> CompletableFuture<T> inBackground(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        result.complete(work.call());
                    } catch (Exception e) {
                        result.completeExceptionally(e);
                    }
                });
        return result;
    }
}
