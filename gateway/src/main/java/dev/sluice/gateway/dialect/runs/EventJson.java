package dev.sluice.gateway.dialect.runs;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.gateway.dialect.EventId;
import dev.sluice.gateway.dialect.chat.ChatJson;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A run's events as JSON objects.
public final class EventJson {
    private EventJson() {}

    /// An event, and where it stands in its run.
    public record Numbered(Reply reply, EventId id) {}

    /// A list of events, `more` of which there are already.
    public static ObjectNode list(List<Numbered> events, boolean more) {
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        String last = null;
        for (Numbered event : events) {
            ObjectNode json = Json.MAPPER.createObjectNode();
            // Where an event has no number, a reader goes on behind the one before it.
            String id = event.reply().seq() == 0 ? null : event.id().toString();
            last = id == null ? last : id;
            json.put("id", id).setAll(of(event.reply()));
            data.add(json);
        }
        return list.put("last_id", last).put("has_more", more);
    }

    static String type(RunEvent event) {
        return switch (event) {
            case RunEvent.AttemptStarted _ -> "attempt_started";
            case RunEvent.TextDelta _ -> "text_delta";
            case RunEvent.ReasoningDelta _ -> "reasoning_delta";
            case RunEvent.RefusalDelta _ -> "refusal_delta";
            case RunEvent.ToolCallDelta _ -> "tool_call_delta";
            case RunEvent.ProviderDelta _ -> "provider_delta";
            case RunEvent.TurnCompleted _ -> "turn_completed";
            case RunEvent.ToolCompleted _ -> "tool_completed";
            case RunEvent.TurnReset _ -> "turn_reset";
            case RunEvent.CancelRequested _ -> "cancel_requested";
            case RunEvent.RunCompleted _ -> "run_completed";
            case RunEvent.RunFailed _ -> "run_failed";
            case RunEvent.RunCancelled _ -> "run_cancelled";
            case RunEvent.Unknown(String type) -> type;
        };
    }

    static ObjectNode of(Reply reply) {
        ObjectNode json =
                Json.MAPPER
                        .createObjectNode()
                        .put("run", reply.run().value())
                        .put("seq", reply.seq())
                        .put("attempt", reply.attempt())
                        .put("at", reply.at().toEpochMilli())
                        .put("type", type(reply.event()));
        switch (reply.event()) {
            case RunEvent.AttemptStarted(String worker, _) -> json.put("worker", worker);
            case RunEvent.TextDelta(int turn, String text) -> piece(json, turn, text);
            case RunEvent.ReasoningDelta(int turn, String text) -> piece(json, turn, text);
            case RunEvent.RefusalDelta(int turn, String text) -> piece(json, turn, text);
            case RunEvent.ToolCallDelta call -> toolCall(json, call);
            case RunEvent.ProviderDelta delta -> provided(json, delta);
            case RunEvent.TurnCompleted turn ->
                    StepJson.turn(json, turn).set("message", said(turn));
            case RunEvent.ToolCompleted tool ->
                    StepJson.tool(json, tool).put("content", text(tool.result()));
            case RunEvent.TurnReset(int turn) -> json.put("turn", turn);
            case RunEvent.RunCompleted(var reason, var usage) ->
                    json.put("finish_reason", ChatJson.finishReason(reason))
                            .set("usage", ChatJson.usage(usage));
            case RunEvent.RunFailed(var failure, var usage) ->
                    json.set("error", ChatJson.error(failure)).set("usage", ChatJson.usage(usage));
            case RunEvent.RunCancelled(var usage) -> json.set("usage", ChatJson.usage(usage));
            case RunEvent.CancelRequested _, RunEvent.Unknown _ -> {}
        }
        return json;
    }

    private static void piece(ObjectNode json, int turn, String text) {
        json.put("turn", turn).put("text", text);
    }

    private static void toolCall(ObjectNode json, RunEvent.ToolCallDelta call) {
        json.put("turn", call.turn()).put("index", call.index()).put("call_id", call.callId());
        if (call.name() != null) {
            json.put("name", call.name());
        }
        json.put("arguments", call.arguments());
    }

    private static void provided(ObjectNode json, RunEvent.ProviderDelta delta) {
        json.put("turn", delta.turn());
        delta.chunk().forEach(json.putObject("chunk")::set);
        delta.choice().forEach(json.putObject("choice")::set);
        delta.delta().forEach(json.putObject("delta")::set);
    }

    private static ObjectNode said(RunEvent.TurnCompleted turn) {
        return ChatJson.message(List.of(turn), _ -> true);
    }

    private static String text(ContentPart.ToolResult result) {
        StringBuilder text = new StringBuilder();
        for (ContentPart part : result.content()) {
            if (part instanceof ContentPart.Text(String piece, _)) {
                text.append(piece);
            }
        }
        return text.toString();
    }
}
