package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Usage;
import tools.jackson.databind.node.ObjectNode;

/// How a run's end is told: its reason and its tokens in OpenAI's words.
final class ChatUsage {
    private ChatUsage() {}

    static ObjectNode of(Usage usage) {
        ObjectNode json =
                Json.MAPPER
                        .createObjectNode()
                        .put("prompt_tokens", usage.input())
                        .put("completion_tokens", usage.output())
                        .put("total_tokens", usage.total());
        json.putObject("prompt_tokens_details")
                .put("cached_tokens", usage.cachedInput())
                .put("audio_tokens", 0);
        json.putObject("completion_tokens_details")
                .put("reasoning_tokens", usage.reasoning())
                .put("audio_tokens", 0)
                .put("accepted_prediction_tokens", 0)
                .put("rejected_prediction_tokens", 0);
        return json;
    }

    static String name(FinishReason reason) {
        return switch (reason) {
            case STOP -> "stop";
            case LENGTH -> "length";
            case TOOL_CALLS -> "tool_calls";
            case CONTENT_FILTER -> "content_filter";
        };
    }
}
