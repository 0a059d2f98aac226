package dev.sluice.worker.provider;

import dev.sluice.common.config.ProviderConfig;
import dev.sluice.common.config.ProviderConfig.Retries;
import dev.sluice.common.config.ProviderConfig.Timeouts;
import dev.sluice.common.config.Secret;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.ToolDefinition;
import dev.sluice.worker.run.Model.Prompt;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/// What the tests of this package ask with.
final class Fixtures {
    static final Timeouts PATIENT =
            new Timeouts(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(30));
    static final Retries NONE = retries(1);

    private Fixtures() {}

    static Retries retries(int attempts) {
        return new Retries(attempts, Duration.ofMillis(10), Duration.ofMillis(200));
    }

    static ProviderConfig config(URI baseUrl, Timeouts timeouts, Retries retries) {
        return config(baseUrl, timeouts, retries, Map.of());
    }

    static ProviderConfig config(
            URI baseUrl, Timeouts timeouts, Retries retries, Map<String, JsonNode> extraBody) {
        return new ProviderConfig(
                ProviderConfig.Kind.OPENAI,
                baseUrl,
                new Secret("sk-secret"),
                Map.of("x-tenant", new Secret("tenant-42")),
                timeouts,
                retries,
                extraBody,
                512);
    }

    static Prompt prompt() {
        return prompt(List.of(Message.text(Message.Role.USER, "Hi")), List.of(), Map.of());
    }

    static Prompt prompt(
            List<Message> messages, List<ToolDefinition> tools, Map<String, JsonNode> parameters) {
        return prompt(messages, tools, parameters, Duration.ofMinutes(1));
    }

    static Prompt prompt(Duration timeLeft) {
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

    static JsonNode json(String text) {
        return Json.MAPPER.readTree(text);
    }
}
