package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.TurnCompleted;
import dev.sluice.common.run.Usage;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.databind.node.ObjectNode;

/// Parts of OpenAI's shapes for the dialects that borrow them.
public final class ChatJson {
    private ChatJson() {}

    /// Tokens as a chat completion's `usage`.
    public static ObjectNode usage(Usage usage) {
        return ChatUsage.of(usage);
    }

    /// A finish reason in OpenAI's word.
    public static String finishReason(FinishReason reason) {
        return ChatUsage.name(reason);
    }

    /// What stands in `error`.
    public static ObjectNode error(Failure failure) {
        return Wording.of(failure).body().withObject("error");
    }

    /// The assistant's message that these turns make together, as a chat completion has it.
    ///
    /// @param calls which of their tool calls it is to name
    public static ObjectNode message(List<TurnCompleted> turns, Predicate<ToolCall> calls) {
        ChatMessage message = new ChatMessage();
        turns.forEach(turn -> tell(turn, calls, message));
        return message.json();
    }

    private static void tell(TurnCompleted turn, Predicate<ToolCall> calls, ChatMessage message) {
        int index = 0;
        for (ContentPart part : turn.message().content()) {
            switch (part) {
                case ContentPart.Text(String text, _) ->
                        message.add(new RunEvent.TextDelta(turn.turn(), text));
                case ContentPart.Reasoning(String text) ->
                        message.add(new RunEvent.ReasoningDelta(turn.turn(), text));
                case ContentPart.Refusal(String text) ->
                        message.add(new RunEvent.RefusalDelta(turn.turn(), text));
                case ToolCall call -> {
                    if (calls.test(call)) {
                        message.add(
                                new RunEvent.ToolCallDelta(
                                        turn.turn(),
                                        index++,
                                        call.id(),
                                        call.name(),
                                        call.arguments()));
                    }
                }
                case ContentPart.Image _,
                        ContentPart.File _,
                        ContentPart.ToolResult _,
                        ContentPart.Verbatim _ -> {}
            }
        }
        message.add(
                new RunEvent.ProviderDelta(
                        turn.turn(), Map.of(), Map.of(), turn.message().extra()));
    }
}
