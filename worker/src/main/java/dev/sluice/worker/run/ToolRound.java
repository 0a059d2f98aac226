package dev.sluice.worker.run;

import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.ContentPart.ToolResult;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunEvent.ToolCompleted;
import dev.sluice.common.run.RunEvent.ToolCompleted.Cause;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.TraceContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Calls a turn's server-side tools, all at once, each on a virtual thread of its own.
final class ToolRound {
    private static final Logger LOG = LoggerFactory.getLogger(ToolRound.class);

    private static final String UNKNOWN =
            "Whether this call took effect is unknown: the worker that made it went away before the"
                    + " result was there. It was not made again.";

    private final RunId run;
    private final @Nullable TraceContext trace;
    private final Map<String, Tool> tools;
    private final Journal journal;
    private final Permit permit;

    ToolRound(
            RunId run,
            @Nullable TraceContext trace,
            Map<String, Tool> tools,
            Journal journal,
            Permit permit) {
        this.run = run;
        this.trace = trace;
        this.tools = tools;
        this.journal = journal;
        this.permit = permit;
    }

    /// The calls' results, in the calls' order. Each is told to the journal when it is there.
    ///
    /// @throws InterruptedException if the run is to stop; the calls are then cancelled
    List<ToolResult> call(int turn, List<ToolCall> calls) throws InterruptedException {
        return callAll(turn, calls, Map.of(), false);
    }

    /// The same for a turn whose tools an attempt before this one began to call. What came to its
    /// end is not called again, and of the rest only what may be called twice; of the others the
    /// model is told that their outcome is unknown.
    ///
    /// @param known the results that were told, by call id
    List<ToolResult> resume(int turn, List<ToolCall> calls, Map<String, ToolResult> known)
            throws InterruptedException {
        return callAll(turn, calls, known, true);
    }

    private List<ToolResult> callAll(
            int turn, List<ToolCall> calls, Map<String, ToolResult> known, boolean again)
            throws InterruptedException {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<ToolResult>> underWay = new ArrayList<>();
            for (ToolCall call : calls) {
                ToolResult result = known.get(call.id());
                underWay.add(
                        result == null
                                ? executor.submit(() -> callAndTell(turn, call, again))
                                : CompletableFuture.completedFuture(result));
            }
            try {
                List<ToolResult> results = new ArrayList<>();
                for (Future<ToolResult> future : underWay) {
                    results.add(future.get());
                }
                return results;
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                if (cause instanceof InterruptedException stop) {
                    throw stop;
                }
                throw cause instanceof Journal.LostException lost
                        ? lost
                        : new IllegalStateException(cause);
            } finally {
                underWay.forEach(future -> future.cancel(true));
            }
        }
    }

    private ToolResult callAndTell(int turn, ToolCall call, boolean again)
            throws InterruptedException {
        long began = System.nanoTime();
        Tool.Output output = call(call, again);
        ToolResult result = new ToolResult(call.id(), output.content(), output.error());
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        journal.tell(new ToolCompleted(turn, call.name(), result, took, output.cause()));
        return result;
    }

    private Tool.Output call(ToolCall call, boolean again) throws InterruptedException {
        Tool tool = tools.get(call.name());
        if (tool == null) {
            return Tool.Output.error(
                    "There is no tool %s. The tools are: %s."
                            .formatted(call.name(), String.join(", ", tools.keySet())),
                    Cause.NO_SUCH_TOOL);
        }
        ObjectNode arguments = arguments(call.arguments());
        if (arguments == null) {
            return Tool.Output.error(
                    "The arguments of %s must be a JSON object, and are not."
                            .formatted(call.name()));
        }
        if (again) {
            LOG.atInfo()
                    .addKeyValue("runId", run)
                    .addKeyValue("tool", call.name())
                    .addKeyValue("repeated", tool.repeatable())
                    .log("a tool call was in flight when its worker went away");
            if (!tool.repeatable()) {
                return Tool.Output.error(UNKNOWN, Cause.UNKNOWN);
            }
        }
        permit.await();
        try {
            return tool.call(arguments, new Tool.Invocation(run, call.id(), trace));
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("runId", run)
                    .addKeyValue("tool", call.name())
                    .setCause(e)
                    .log("a tool threw");
            return Tool.Output.error("The tool failed.");
        }
    }

    private static @Nullable ObjectNode arguments(String text) {
        if (text.isBlank()) {
            return Json.MAPPER.createObjectNode();
        }
        try {
            JsonNode node = Json.MAPPER.readTree(text);
            return node instanceof ObjectNode object ? object : null;
        } catch (JacksonException e) {
            return null;
        }
    }
}
