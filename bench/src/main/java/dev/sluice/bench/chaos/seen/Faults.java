package dev.sluice.bench.chaos.seen;

import dev.sluice.common.run.Usage;
import tools.jackson.databind.JsonNode;

/// What readings have in common.
final class Faults {
    private static final int ENOUGH = 160;

    private Faults() {}

    static String shortened(String data) {
        return data.length() <= ENOUGH ? data : data.substring(0, ENOUGH) + "…";
    }

    /// Tokens in OpenAI's words, or in the events' own.
    static Usage usage(JsonNode json) {
        return new Usage(
                json.path("prompt_tokens").asLong(json.path("input").asLong(0)),
                json.path("completion_tokens").asLong(json.path("output").asLong(0)),
                0,
                0);
    }
}
