package dev.sluice.gateway.dialect.runs;

import dev.sluice.common.redis.RunEntry;
import dev.sluice.common.redis.RunEntry.State;
import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Lane;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Reply;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import dev.sluice.common.run.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// A run with a tool call of the server's, and what is known of it.
final class Samples {
    static final RunId RUN = new RunId("run_0199e0000000deadbeefdeadbeefdead");
    static final Instant AT = Instant.ofEpochMilli(1_790_000_000_123L);
    static final Usage USAGE = new Usage(10, 5, 3, 2);
    static final RunEvent.TurnCompleted ASKING =
            new RunEvent.TurnCompleted(
                    1,
                    new Message(
                            Message.Role.ASSISTANT,
                            List.of(
                                    new ContentPart.Text("Let me see."),
                                    call("call_ours", "demo__clock"))),
                    FinishReason.TOOL_CALLS,
                    USAGE,
                    "gpt");
    static final RunEvent.ToolCompleted TOLD =
            new RunEvent.ToolCompleted(
                    1,
                    "demo__clock",
                    ContentPart.ToolResult.text("call_ours", "12:00", false),
                    Duration.ofMillis(42));
    static final RunEvent.TurnCompleted ANSWERING =
            new RunEvent.TurnCompleted(
                    2,
                    Message.text(Message.Role.ASSISTANT, "Noon."),
                    FinishReason.STOP,
                    USAGE,
                    "gpt");

    private Samples() {}

    static ContentPart.ToolCall call(String id, String name) {
        return new ContentPart.ToolCall(id, name, "{}", null, Map.of());
    }

    static Reply reply(long seq, RunEvent event) {
        return new Reply(RUN, 1, "a", seq, AT, event);
    }

    static RunEntry entry(State state, boolean cancelled) {
        return new RunEntry(
                RUN,
                state,
                state instanceof State.Queued ? 0 : 2,
                state instanceof State.Queued ? null : "worker-1",
                cancelled,
                3,
                100,
                List.of(),
                Lane.BATCH,
                null,
                "demo",
                "main",
                true,
                OnDisconnect.CONTINUE,
                Map.of("ticket", "42"),
                AT,
                AT.plusSeconds(600),
                null);
    }
}
