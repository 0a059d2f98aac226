package dev.sluice.worker.audit;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunRequest;
import dev.sluice.common.run.Usage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a turn that broke off will have cost, as far as one can tell without its provider.
final class Estimate {
    private static final int CHARACTERS_A_TOKEN = 4;

    private Estimate() {}

    /// The output is a token for every four characters that were told; the input is that of the
    /// turn before, or of the first turn a token for every four characters of the client's
    /// messages.
    ///
    /// @param before what the turn before cost; null for the first
    /// @param told how many characters were told of the turn
    static Usage of(RunRequest request, @Nullable Usage before, long told) {
        long input = before == null ? tokens(characters(request.messages())) : before.input();
        return new Usage(input, tokens(told), 0, 0);
    }

    private static long tokens(long characters) {
        return Math.ceilDiv(characters, CHARACTERS_A_TOKEN);
    }

    /// How many characters an event tells of what a model says.
    static long characters(RunEvent event) {
        return switch (event) {
            case RunEvent.TextDelta(_, String text) -> text.length();
            case RunEvent.ReasoningDelta(_, String text) -> text.length();
            case RunEvent.RefusalDelta(_, String text) -> text.length();
            case RunEvent.ToolCallDelta(_, _, _, String name, String arguments) ->
                    (name == null ? 0 : name.length()) + arguments.length();
            default -> 0;
        };
    }

    private static long characters(List<Message> messages) {
        return messages.stream()
                .flatMap(message -> message.content().stream())
                .mapToLong(Estimate::characters)
                .sum();
    }

    private static long characters(ContentPart part) {
        return switch (part) {
            case ContentPart.Text(String text, _) -> text.length();
            case ContentPart.Reasoning(String text) -> text.length();
            case ContentPart.Refusal(String text) -> text.length();
            case ContentPart.ToolCall call -> call.name().length() + call.arguments().length();
            case ContentPart.ToolResult(_, List<ContentPart> content, _) ->
                    content.stream().mapToLong(Estimate::characters).sum();
            case ContentPart.Image _, ContentPart.File _, ContentPart.Verbatim _ -> 0;
        };
    }
}
