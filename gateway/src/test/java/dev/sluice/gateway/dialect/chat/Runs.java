package dev.sluice.gateway.dialect.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.Usage;
import dev.sluice.gateway.dialect.Ask;
import dev.sluice.gateway.dialect.Dialect;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Runs to encode, and what becomes of them.
final class Runs {
    static final RunId RUN = new RunId("run_0199e0000000deadbeefdeadbeefdead");
    static final Instant CREATED = Instant.ofEpochMilli(1_790_000_000_123L);
    static final Usage USAGE = new Usage(10, 5, 3, 2);
    static final RunEvent STOP = new RunEvent.RunCompleted(FinishReason.STOP, USAGE);

    /// A run with something of everything: thoughts, two turns of text, logprobs, calls.
    static final List<RunEvent> RICH =
            List.of(
                    new RunEvent.AttemptStarted("w"),
                    provided("{\"system_fingerprint\":\"fp_1\",\"service_tier\":\"flex\"}", "{}"),
                    new RunEvent.ReasoningDelta(1, "h"),
                    new RunEvent.ReasoningDelta(1, "m"),
                    new RunEvent.TextDelta(1, "Let me "),
                    new RunEvent.TextDelta(1, "see."),
                    new RunEvent.TurnCompleted(
                            1,
                            Message.text(Message.Role.ASSISTANT, "Let me see."),
                            FinishReason.TOOL_CALLS,
                            USAGE,
                            "m"),
                    new RunEvent.TextDelta(2, "It is \"12\"\n– 🌍"),
                    provided("{}", logprobs("It")),
                    provided("{}", logprobs("is")),
                    new RunEvent.ToolCallDelta(2, 0, "call_a", "weather", ""),
                    new RunEvent.ToolCallDelta(2, 1, "call_b", "clock", "{}"),
                    new RunEvent.ToolCallDelta(2, 0, "call_a", null, "{\"a\":"),
                    new RunEvent.ToolCallDelta(2, 0, "call_a", null, "1}"),
                    new RunEvent.RefusalDelta(2, "no"),
                    new RunEvent.Unknown("novel"),
                    new RunEvent.RunCompleted(FinishReason.TOOL_CALLS, USAGE));

    private Runs() {}

    static RunEvent provided(String chunk, String choice) {
        return new RunEvent.ProviderDelta(1, fields(chunk), fields(choice), Map.of());
    }

    static String logprobs(String token) {
        return "{\"logprobs\":{\"content\":[{\"token\":\"%s\",\"logprob\":-0.5,\"bytes\":null,\"top_logprobs\":[]}],\"refusal\":null}}"
                .formatted(token);
    }

    static Map<String, JsonNode> fields(String json) {
        return new Field(null, "", Json.MAPPER.readTree(json)).others(java.util.Set.of());
    }

    static List<String> stream(boolean usage, List<RunEvent> events) {
        Dialect.Stream stream = new ChatFormat(usage).stream(RUN, "demo", CREATED);
        List<String> frames = new ArrayList<>();
        events.forEach(event -> {
            stream.frames(reply(event)).forEach(frame -> frames.add(frame.toString(UTF_8)));
            if (event instanceof RunEvent.RunCompleted) {
                frames.add(java.util.Objects.requireNonNull(stream.mark()).toString(UTF_8));
            }
        });
        return frames;
    }

    static Reply reply(RunEvent event) {
        return new Reply(RUN, 1, "a", 1, CREATED, event);
    }

    static List<String> stream(RunEvent... events) {
        return stream(false, List.of(events));
    }

    static JsonNode whole(List<RunEvent> events) {
        Dialect.Whole whole = new ChatFormat(false).whole(RUN, "demo", CREATED);
        events.stream().filter(event -> !event.terminal()).forEach(whole::add);
        return Json.MAPPER.readTree(
                whole.body((RunEvent.RunCompleted) events.getLast()).getBytes());
    }

    static JsonNode whole(RunEvent... events) {
        return whole(List.of(events));
    }

    static Dialect.Parsed parse(String body) {
        return new ChatDialect().parse(Buffer.buffer(body));
    }

    static Ask accepted(String body) {
        return switch (parse(body)) {
            case Dialect.Parsed.Accepted(Ask ask) -> ask;
            case Dialect.Parsed.Refused(var failure) -> throw new AssertionError(failure);
        };
    }
}
