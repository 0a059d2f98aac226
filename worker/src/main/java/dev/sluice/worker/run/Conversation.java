package dev.sluice.worker.run;

import dev.sluice.common.config.AgentConfig;
import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What the model is told: the agent's instructions, what the client sent, and what the run has
/// added to it since.
final class Conversation {
    private static final String GONE =
            "Other tools may have been called in the same turn. Their outcome is unknown.";

    private final List<Message> messages;
    private final int begun;

    private Conversation(List<Message> messages) {
        this.messages = messages;
        this.begun = messages.size();
    }

    /// The beginning of a run's conversation. `kept` is what [Continuations] found for the client's
    /// tool calls, by call id.
    static Conversation begin(
            AgentConfig agent, List<Message> sent, Map<String, List<Message>> kept) {
        List<Message> messages = new ArrayList<>();
        String instructions = agent.instructions();
        boolean instructed = sent.stream().anyMatch(Message::instructs);
        boolean replaced =
                instructed
                        && switch (agent.instructionsMode()) {
                            case PREPEND -> false;
                            case REPLACE_IF_PRESENT -> true;
                        };
        if (instructions != null && !replaced) {
            messages.add(Message.text(Message.Role.SYSTEM, instructions));
        }
        messages.addAll(restore(sent, kept));
        return new Conversation(messages);
    }

    /// The ids of the calls of the client's tools among these messages, one a turn.
    static List<String> handedOut(List<Message> sent) {
        return sent.stream()
                .map(Message::toolCalls)
                .filter(calls -> !calls.isEmpty())
                .map(calls -> calls.getFirst().id())
                .filter(CallIds::ours)
                .toList();
    }

    /// Puts back what the client never saw: a turn of which only the client's calls were handed out
    /// becomes the whole of what happened. Where that is no longer kept, the results of the
    /// client's tools say so to the model.
    private static List<Message> restore(List<Message> sent, Map<String, List<Message>> kept) {
        List<Message> whole = new ArrayList<>();
        boolean gone = false;
        for (int i = 0; i < sent.size(); i++) {
            Message message = sent.get(i);
            List<ContentPart.ToolCall> calls = message.toolCalls();
            if (!calls.isEmpty()) {
                List<Message> unseen = kept.get(calls.getFirst().id());
                gone = unseen == null && CallIds.ours(calls.getFirst().id());
                whole.addAll(unseen == null ? List.of(message) : unseen);
            } else if (gone && message.role() == Message.Role.TOOL && lastOfItsTurn(sent, i)) {
                whole.add(withNote(message));
            } else {
                whole.add(message);
            }
        }
        return whole;
    }

    private static boolean lastOfItsTurn(List<Message> sent, int index) {
        return index + 1 == sent.size() || sent.get(index + 1).role() != Message.Role.TOOL;
    }

    private static Message withNote(Message results) {
        List<ContentPart> content = new ArrayList<>(results.content());
        if (content.getLast() instanceof ContentPart.ToolResult(var id, var parts, var error)) {
            List<ContentPart> noted = new ArrayList<>(parts);
            noted.add(new ContentPart.Text("\n\n" + GONE));
            content.set(content.size() - 1, new ContentPart.ToolResult(id, noted, error));
        }
        return new Message(results.role(), content, results.extra());
    }

    void add(Message message) {
        messages.add(message);
    }

    /// All of it, as it stands.
    List<Message> messages() {
        return List.copyOf(messages);
    }

    /// How many calls the run's turns have made.
    int calls() {
        return added().stream().mapToInt(message -> message.toolCalls().size()).sum();
    }

    /// What the run has added.
    List<Message> added() {
        return List.copyOf(messages.subList(begun, messages.size()));
    }
}
