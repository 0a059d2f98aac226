package dev.sluice.worker.run;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.ContentPart.Text;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The beginning of an answer that was told before a crash, for a model to continue.
record Prefill(String text) {

    /// What was told, if it can be continued: text alone, beside a provider's own fields. Null for
    /// anything else, and for a text that ends in white space, which some models refuse to continue
    /// and others repeat.
    static @Nullable Prefill of(List<RunEvent> told) {
        StringBuilder text = new StringBuilder();
        for (RunEvent event : told) {
            if (event instanceof RunEvent.TextDelta(_, String piece)) {
                text.append(piece);
            } else if (!(event instanceof RunEvent.ProviderDelta)) {
                return null;
            }
        }
        return text.isEmpty() || Character.isWhitespace(text.charAt(text.length() - 1))
                ? null
                : new Prefill(text.toString());
    }

    /// The message with which the conversation ends.
    Message message() {
        return Message.text(Message.Role.ASSISTANT, text);
    }

    /// The whole answer of a model that continued this.
    Model.Answer.Turn before(Model.Answer.Turn continuation) {
        Message message = continuation.message();
        List<ContentPart> content = new ArrayList<>(message.content());
        int at = 0;
        while (at < content.size() && content.get(at) instanceof ContentPart.Reasoning) {
            at++;
        }
        if (at < content.size() && content.get(at) instanceof Text(String more, var extra)) {
            content.set(at, new Text(text + more, extra));
        } else {
            content.add(at, new Text(text));
        }
        return new Model.Answer.Turn(
                new Message(message.role(), content, message.extra()),
                continuation.finishReason(),
                continuation.usage(),
                continuation.model());
    }
}
