package dev.sluice.gateway.dialect.runs;

import dev.sluice.common.run.RunEvent;
import dev.sluice.gateway.dialect.chat.ChatJson;
import tools.jackson.databind.node.ObjectNode;

/// What a step has in a run's `steps` and in its events alike.
final class StepJson {
    private StepJson() {}

    static ObjectNode turn(ObjectNode json, RunEvent.TurnCompleted turn) {
        return json.put("turn", turn.turn())
                .put("model", turn.model())
                .put("finish_reason", ChatJson.finishReason(turn.finishReason()))
                .set("usage", ChatJson.usage(turn.usage()));
    }

    static ObjectNode tool(ObjectNode json, RunEvent.ToolCompleted tool) {
        return json.put("turn", tool.turn())
                .put("call_id", tool.result().callId())
                .put("tool", tool.tool())
                .put("error", tool.result().error())
                .put("duration_ms", tool.duration().toMillis());
    }
}
