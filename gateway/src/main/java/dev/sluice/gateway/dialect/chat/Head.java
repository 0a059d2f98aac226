package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunId;
import java.time.Instant;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// What every chunk of an answer, and the whole of it, begins with.
record Head(RunId run, String agent, Instant created) {
    /// Names this backend where no provider names one: OpenAI's clients look for a text here.
    static final String FINGERPRINT = "fp_sluice";

    /// Fields of a provider's chunk that hold for the whole answer: later chunks repeat them.
    static final Set<String> LASTING = Set.of("system_fingerprint", "service_tier");

    /// Fields that are written here, and one that only means something in the chunk that has it:
    /// taken from a provider they would stand twice.
    static final Set<String> OWN_IN_CHUNK =
            Set.of("id", "object", "created", "model", "choices", "usage", "obfuscation");

    /// The same, of a choice.
    static final Set<String> OWN_IN_CHOICE = Set.of("index", "delta", "message", "finish_reason");

    /// The same, of a delta or message.
    static final Set<String> OWN_IN_DELTA =
            Set.of("role", "content", "refusal", "reasoning_content", "tool_calls");

    /// A new object that begins with these fields.
    ObjectNode write(String object) {
        return Json.MAPPER
                .createObjectNode()
                .put("id", "chatcmpl-" + run.suffix())
                .put("object", object)
                .put("created", created.getEpochSecond())
                .put("model", agent);
    }
}
