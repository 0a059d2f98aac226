package dev.sluice.worker.tool.mcp;

import dev.sluice.common.config.McpServerConfig;
import dev.sluice.common.run.RunEvent.ToolCompleted.Cause;
import dev.sluice.common.run.ToolDefinition;
import dev.sluice.common.run.TraceContext;
import dev.sluice.worker.run.Tool;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A tool of an MCP server. Each call is timed as `sluice.tool.calls`.
final class ServerTool implements Tool {
    private static final String IDEMPOTENCY_KEY = "dev.sluice/idempotency-key";

    private final McpServer server;
    private final McpServerConfig config;
    private final ToolDefinition definition;
    private final McpTool tool;
    private final MeterRegistry meters;

    ServerTool(
            McpServer server,
            McpServerConfig config,
            String exposedName,
            McpTool tool,
            MeterRegistry meters) {
        this.server = server;
        this.config = config;
        this.tool = tool;
        this.meters = meters;
        definition = new ToolDefinition(exposedName, tool.description(), tool.schema(), Map.of());
    }

    @Override
    public ToolDefinition definition() {
        return definition;
    }

    @Override
    public boolean repeatable() {
        return config.idempotent() || tool.repeatable();
    }

    @Override
    public Output call(ObjectNode arguments, Invocation invocation) throws InterruptedException {
        long begun = System.nanoTime();
        Outcome outcome = Outcome.CANCELLED;
        try {
            Reply reply = server.call(tool.name(), arguments, meta(invocation));
            Output output = output(reply);
            outcome = outcome(reply, output);
            return output;
        } finally {
            Timer.builder("sluice.tool.calls")
                    .description("Calls of tools")
                    .tag("server", server.name())
                    .tag("tool", tool.name())
                    .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                    .register(meters)
                    .record(Duration.ofNanos(System.nanoTime() - begun));
        }
    }

    private Output output(Reply reply) {
        long cap = config.maxResultBytes().bytes();
        return switch (reply) {
            case Reply.Result(var result) ->
                    new Output(
                            Capped.to(cap, ResultContent.of(result)),
                            result.path("isError").asBoolean(false));
            case Reply.Failed(_, String message) ->
                    new Output(
                            Capped.to(
                                    cap,
                                    Output.error(message.isBlank() ? "The tool failed." : message)
                                            .content()),
                            true);
            case Reply.TimedOut _ ->
                    Output.error(
                            "The tool did not answer within %s s."
                                    .formatted(seconds(config.callTimeout())));
            case Reply.Unsent _ ->
                    Output.error("The tool's server is unavailable; the call was not made.");
            case Reply.Rejected(int status) ->
                    Output.error("The tool's server refused the call with HTTP status " + status);
            case Reply.Lost _ ->
                    Output.error(
                            "The tool's server went away during the call. Whether the call took"
                                    + " effect is unknown.",
                            Cause.UNKNOWN);
        };
    }

    private static Outcome outcome(Reply reply, Output output) {
        return switch (reply) {
            case Reply.Result _ -> output.error() ? Outcome.ERROR : Outcome.OK;
            case Reply.Failed _, Reply.Rejected _ -> Outcome.ERROR;
            case Reply.TimedOut _ -> Outcome.TIMEOUT;
            case Reply.Unsent _, Reply.Lost _ -> Outcome.UNAVAILABLE;
        };
    }

    private static ObjectNode meta(Invocation invocation) {
        String key = invocation.run() + "/" + invocation.callId();
        ObjectNode meta = JsonNodeFactory.instance.objectNode().put(IDEMPOTENCY_KEY, key);
        // Nobody is shown the progress, but it keeps the connection of a long call from seeming
        // idle.
        meta.put("progressToken", key);
        TraceContext trace = invocation.trace();
        if (trace != null) {
            meta.put(TraceContext.TRACEPARENT, trace.traceparent());
            if (trace.tracestate() != null) {
                meta.put(TraceContext.TRACESTATE, trace.tracestate());
            }
        }
        return meta;
    }

    private static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
    }

    /// How a call ended, as the timer's tag has it.
    private enum Outcome {
        OK,
        ERROR,
        TIMEOUT,
        CANCELLED,
        UNAVAILABLE
    }
}
