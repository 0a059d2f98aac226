package dev.sluice.embedded.mcp;

import dev.sluice.embedded.mcp.ToolInvocation.Outcome;
import io.modelcontextprotocol.server.McpAsyncServerExchange;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ProgressNotification;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/// The tools of the demo's MCP server, and the journal of their calls. Thread-safe.
///
/// `current_time` (`city` or `timezone`), `calculate` (`expression`), `wait` (`seconds`, at most
/// 300), `fail` (`message`), `count` (`n`, `interval_ms`: a progress notification for each) and
/// `echo` (`text`, `repeat`). None changes anything, and their hints say so.
public final class DemoTools {
    private static final Logger LOG = LoggerFactory.getLogger(DemoTools.class);

    private static final int MAX_WAIT = 300;
    private static final int MAX_COUNT = 10_000;
    private static final int MAX_ECHO = 16_000_000;
    private static final Map<String, Object> TEXT = Map.of("type", "string");
    private static final Map<String, Object> NUMBER = Map.of("type", "number");

    private final WorldClock worldClock;
    private final ToolJournal journal;

    /// Tools that take the time from `clock`.
    public DemoTools(Clock clock) {
        worldClock = new WorldClock(clock);
        journal = new ToolJournal(clock);
    }

    /// The calls so far, oldest first; the last 10,000 are kept.
    public List<ToolInvocation> invocations() {
        return journal.invocations();
    }

    /// Forgets the calls so far.
    public void clearInvocations() {
        journal.clear();
    }

    List<AsyncToolSpecification> specifications() {
        return List.of(
                tool(
                        "current_time",
                        "Tells the current time in a city or an IANA time zone.",
                        schema(Map.of("city", TEXT, "timezone", TEXT)),
                        (a, _) -> worldClock.time(a.text("city"), a.text("timezone"))),
                tool(
                        "calculate",
                        "Works out an arithmetic expression with + - * / % ^ and parentheses.",
                        schema(Map.of("expression", TEXT), "expression"),
                        (a, _) -> Calculator.evaluate(a.text("expression", ""))),
                tool(
                        "wait",
                        "Waits for a number of seconds, at most 300.",
                        schema(Map.of("seconds", NUMBER), "seconds"),
                        (a, _) -> pause(a.number("seconds", 0, MAX_WAIT))),
                tool(
                        "fail",
                        "Fails with the given message.",
                        schema(Map.of("message", TEXT)),
                        (a, _) -> {
                            throw new ToolFailure(a.text("message", "This tool always fails."));
                        }),
                tool(
                        "count",
                        "Counts to n, reporting progress at each number.",
                        schema(Map.of("n", NUMBER, "interval_ms", NUMBER), "n"),
                        DemoTools::count),
                tool(
                        "echo",
                        "Returns its text, as many times as asked.",
                        schema(Map.of("text", TEXT, "repeat", NUMBER), "text"),
                        (a, _) -> echo(a.text("text", ""), a.number("repeat", 1, MAX_ECHO))));
    }

    /// A tool whose calls are journaled with the others'.
    AsyncToolSpecification tool(
            String name, String description, Map<String, Object> schema, ToolBody body) {
        return tool(name, description, schema, ToolHints.READ_ONLY, body);
    }

    AsyncToolSpecification tool(
            String name,
            String description,
            Map<String, Object> schema,
            ToolHints hints,
            ToolBody body) {
        McpSchema.Tool tool =
                McpSchema.Tool.builder(name, schema)
                        .description(description)
                        .annotations(
                                McpSchema.ToolAnnotations.builder()
                                        .readOnlyHint(hints == ToolHints.READ_ONLY)
                                        .idempotentHint(hints != ToolHints.NEITHER)
                                        .destructiveHint(false)
                                        .openWorldHint(false)
                                        .build())
                        .build();
        return AsyncToolSpecification.builder()
                .tool(tool)
                .callHandler((exchange, request) -> call(body, exchange, request))
                .build();
    }

    /// Runs on a thread of its own, which is interrupted when the call is disposed of.
    private Mono<CallToolResult> call(
            ToolBody body, McpAsyncServerExchange exchange, CallToolRequest request) {
        return Mono.create(sink -> {
            ToolJournal.Entry entry = journal.start(request, CallHeaders.of(exchange));
            Thread thread =
                    Thread.ofVirtual()
                            .name("mcp-tool-" + request.name())
                            .unstarted(() -> sink.success(run(body, exchange, request, entry)));
            sink.onCancel(() -> {
                entry.end(Outcome.CANCELLED);
                thread.interrupt();
            });
            thread.start();
        });
    }

    private static CallToolResult run(
            ToolBody body,
            McpAsyncServerExchange exchange,
            CallToolRequest request,
            ToolJournal.Entry entry) {
        try {
            Map<String, Object> arguments = request.arguments();
            String text =
                    body.call(
                            new ToolBody.Arguments(present(arguments), present(request.meta())),
                            (done, total) -> report(exchange, request, done, total));
            entry.end(Outcome.RETURNED);
            return result(text, false);
        } catch (ToolFailure failure) {
            entry.end(Outcome.FAILED);
            return result(failure.text(), true);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            entry.end(Outcome.CANCELLED);
            return result("Cancelled.", true);
        } catch (RuntimeException fault) {
            // A caller that got no answer would wait for one.
            LOG.atError().addKeyValue("tool", request.name()).setCause(fault).log("a tool threw");
            entry.end(Outcome.FAILED);
            return result("The tool failed.", true);
        }
    }

    private static Map<String, Object> present(@Nullable Map<String, Object> map) {
        return map == null ? Map.of() : map;
    }

    private static CallToolResult result(String text, boolean error) {
        return CallToolResult.builder().addTextContent(text).isError(error).build();
    }

    private static void report(
            McpAsyncServerExchange exchange, CallToolRequest request, int done, int total) {
        Object token = request.progressToken();
        if (token != null) {
            exchange.progressNotification(
                            ProgressNotification.builder(token, done).total((double) total).build())
                    .block();
        }
    }

    private static String pause(double seconds) throws InterruptedException {
        Thread.sleep((long) (seconds * 1000));
        return "Waited " + seconds + " s.";
    }

    private static String count(ToolBody.Arguments arguments, ToolBody.Progress progress)
            throws ToolFailure, InterruptedException {
        int n = (int) arguments.number("n", 0, MAX_COUNT);
        long interval = (long) arguments.number("interval_ms", 100, 60_000);
        for (int i = 1; i <= n; i++) {
            Thread.sleep(interval);
            progress.report(i, n);
        }
        return "Counted to " + n + ".";
    }

    private static String echo(String text, double repeat) throws ToolFailure {
        if (text.length() * repeat > MAX_ECHO) {
            throw new ToolFailure("More than " + MAX_ECHO + " characters.");
        }
        return text.repeat((int) repeat);
    }

    static Map<String, Object> schema(Map<String, Object> properties, String... required) {
        return Map.of("type", "object", "properties", properties, "required", List.of(required));
    }
}
