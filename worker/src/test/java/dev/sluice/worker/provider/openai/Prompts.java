package dev.sluice.worker.provider.openai;

import dev.sluice.common.run.Json;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.ToolDefinition;
import dev.sluice.worker.run.Model.Prompt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/// What the tests of providers ask.
public final class Prompts {
    private Prompts() {}

    public static Prompt prompt() {
        return prompt(List.of(Message.text(Message.Role.USER, "Hi")), List.of(), Map.of());
    }

    public static Prompt prompt(
            List<Message> messages, List<ToolDefinition> tools, Map<String, JsonNode> parameters) {
        return prompt(messages, tools, parameters, Duration.ofMinutes(1));
    }

    public static Prompt prompt(Duration timeLeft) {
        return prompt(
                List.of(Message.text(Message.Role.USER, "Hi")), List.of(), Map.of(), timeLeft);
    }

    private static Prompt prompt(
            List<Message> messages,
            List<ToolDefinition> tools,
            Map<String, JsonNode> parameters,
            Duration timeLeft) {
        AtomicInteger calls = new AtomicInteger();
        return new Prompt(
                "m",
                messages,
                tools,
                parameters,
                () -> "call-" + calls.incrementAndGet(),
                timeLeft,
                null);
    }

    public static JsonNode json(String text) {
        return Json.MAPPER.readTree(text);
    }
}
