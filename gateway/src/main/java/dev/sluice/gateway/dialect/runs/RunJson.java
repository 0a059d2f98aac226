package dev.sluice.gateway.dialect.runs;

import dev.sluice.common.journal.History;
import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.run.AttemptRule;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.JobOrigin;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.ToolCompleted;
import dev.sluice.common.run.RunEvent.TurnCompleted;
import dev.sluice.common.run.Usage;
import dev.sluice.gateway.dialect.chat.ChatJson;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A run as a JSON object.
public final class RunJson {
    private RunJson() {}

    /// A run, and how far it has come by its journal.
    public static ObjectNode of(RunEntry run, History history) {
        RunEvent end = history.end() == null ? null : history.end().event();
        ObjectNode json = known(run, history);
        Usage usage = usage(history, end);
        json.set("usage", usage == null ? Json.MAPPER.nullNode() : ChatJson.usage(usage));
        steps(json.putArray("steps"), history);
        json.putNull("result").putNull("error");
        switch (end) {
            case RunEvent.RunCompleted(FinishReason reason, _) ->
                    json.putObject("result")
                            .put("finish_reason", ChatJson.finishReason(reason))
                            .set("message", message(history));
            case RunEvent.RunFailed(var failure, _) -> json.set("error", ChatJson.error(failure));
            case null, default -> {}
        }
        return json;
    }

    /// A run that has just been made known.
    public static ObjectNode of(RunEntry run) {
        return of(run, new History(List.of(), List.of(), List.of(), new AttemptRule(), null));
    }

    /// A list of runs, each without what only its journal knows.
    public static ObjectNode list(List<RunEntry> runs, @Nullable String last, boolean more) {
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        runs.forEach(run -> data.add(known(run, null)));
        return list.put("first_id", runs.isEmpty() ? null : runs.getFirst().run().value())
                .put("last_id", last)
                .put("has_more", more);
    }

    private static ObjectNode known(RunEntry run, @Nullable History history) {
        ObjectNode json =
                Json.MAPPER
                        .createObjectNode()
                        .put("id", run.run().value())
                        .put("object", "run")
                        .put("status", RunStatus.of(run, history).wireName())
                        .put("agent", run.agent())
                        .put("created_at", run.accepted().getEpochSecond());
        if (run.state() instanceof State.Ended ended) {
            json.put("ended_at", ended.at().getEpochSecond());
        } else {
            json.putNull("ended_at");
        }
        json.put("deadline", run.deadline().getEpochSecond())
                .put("attempt", run.attempt())
                .put("worker", run.lease())
                .put("priority", run.lane().wireName())
                .put("background", run.background())
                .put("on_disconnect", run.onDisconnect().name().toLowerCase(Locale.ROOT));
        run.metadata().forEach(json.putObject("metadata")::put);
        if (run.job() != null) {
            json.set("job", job(run.job()));
        }
        return json;
    }

    /// The job that asked for a run.
    public static ObjectNode job(JobOrigin job) {
        return Json.MAPPER.createObjectNode().put("id", job.id()).put("source", job.source());
    }

    /// The tokens of the whole run once it has ended, and of its turns before.
    private static @Nullable Usage usage(History history, @Nullable RunEvent end) {
        return switch (end) {
            case RunEvent.RunCompleted(_, Usage usage) -> usage;
            case RunEvent.RunFailed(_, Usage usage) -> usage;
            case RunEvent.RunCancelled(Usage usage) -> usage;
            case null, default ->
                    history.turns().map(TurnCompleted::usage).reduce(Usage::plus).orElse(null);
        };
    }

    private static void steps(ArrayNode steps, History history) {
        for (Reply step : history.steps()) {
            switch (step.event()) {
                case TurnCompleted turn -> {
                    ObjectNode json = StepJson.turn(steps.addObject().put("type", "turn"), turn);
                    ArrayNode calls = json.putArray("tool_calls");
                    turn.message()
                            .toolCalls()
                            .forEach(call ->
                                    calls.addObject()
                                            .put("id", call.id())
                                            .put("name", call.name())
                                            .put("arguments", call.arguments()));
                }
                case ToolCompleted tool ->
                        StepJson.tool(steps.addObject().put("type", "tool"), tool);
                default -> {}
            }
        }
    }

    /// What the client was told, or would have been: the calls of the server's own tools are none
    /// of its business, and each of them has a result in the journal.
    private static ObjectNode message(History history) {
        Set<String> ours =
                history.toolCalls().map(tool -> tool.result().callId()).collect(Collectors.toSet());
        return ChatJson.message(history.turns().toList(), call -> !ours.contains(call.id()));
    }
}
