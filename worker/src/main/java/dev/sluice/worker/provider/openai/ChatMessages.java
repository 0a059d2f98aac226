package dev.sluice.worker.provider.openai;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.ContentPart.Reasoning;
import dev.sluice.common.run.ContentPart.Refusal;
import dev.sluice.common.run.ContentPart.Text;
import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.ContentPart.ToolResult;
import dev.sluice.common.run.ContentPart.Verbatim;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Message;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes a conversation as the `messages` of a Chat Completions request.
///
/// Many endpoints take nothing but text in a tool message. What else a result holds follows in a
/// user message that names the call, after the last result of the turn: between two results no
/// other message may stand.
final class ChatMessages {
    private final ArrayNode messages = Json.MAPPER.createArrayNode();
    private final ArrayNode attachments = Json.MAPPER.createArrayNode();
    private final CallNames names;

    private ChatMessages(CallNames names) {
        this.names = names;
    }

    static ArrayNode of(List<Message> conversation) {
        ChatMessages written = new ChatMessages(CallNames.of(conversation));
        conversation.forEach(written::add);
        written.endResults();
        return written.messages;
    }

    private void add(Message message) {
        message.parts(ToolResult.class).forEach(result -> addResult(result, message));
        switch (message.role()) {
            case TOOL -> {}
            case ASSISTANT -> addAssistant(message);
            case SYSTEM, DEVELOPER, USER -> {
                List<ContentPart> said =
                        message.content().stream()
                                .filter(part -> !(part instanceof ToolResult))
                                .toList();
                if (said.size() == message.content().size() || !said.isEmpty()) {
                    addSaid(message, said);
                }
            }
        }
    }

    private void addSaid(Message message, List<ContentPart> said) {
        ObjectNode object = begin(message.role());
        if (PartJson.isPlain(said)) {
            object.put("content", PartJson.textOf(said));
        } else {
            object.set("content", PartJson.of(said));
        }
        RequestBody.lay(message.extra(), object);
    }

    private void addAssistant(Message message) {
        List<ContentPart> said =
                message.content().stream()
                        .filter(part ->
                                switch (part) {
                                    case ToolCall _, ToolResult _, Reasoning _, Refusal _ -> false;
                                    case Text _,
                                            ContentPart.Image _,
                                            ContentPart.File _,
                                            Verbatim _ ->
                                            true;
                                })
                        .toList();
        String refusal =
                message.parts(Refusal.class).map(Refusal::text).collect(Collectors.joining());
        String reasoning =
                message.parts(Reasoning.class).map(Reasoning::text).collect(Collectors.joining());
        List<ToolCall> calls = message.toolCalls();

        ObjectNode object = begin(Message.Role.ASSISTANT);
        boolean onlyTexts =
                said.stream().allMatch(part -> part instanceof Text t && t.extra().isEmpty());
        if (said.isEmpty() && (!calls.isEmpty() || !refusal.isEmpty())) {
            object.putNull("content");
        } else if (onlyTexts) {
            object.put("content", PartJson.textOf(said));
        } else {
            object.set("content", PartJson.of(said));
        }
        if (!refusal.isEmpty()) {
            object.put("refusal", refusal);
        }
        if (!reasoning.isEmpty()) {
            object.put("reasoning_content", reasoning);
        }
        if (!calls.isEmpty()) {
            ArrayNode array = object.putArray("tool_calls");
            calls.forEach(call -> array.add(call(call)));
        }
        RequestBody.lay(message.extra(), object);
    }

    private ObjectNode call(ToolCall call) {
        ObjectNode object = Json.MAPPER.createObjectNode();
        object.put("id", names.of(call.id())).put("type", "function");
        // Some endpoints parse what they once wrote, and fail on the empty text.
        String arguments = call.arguments().isBlank() ? "{}" : call.arguments();
        object.putObject("function").put("name", call.name()).put("arguments", arguments);
        RequestBody.lay(call.extra(), object);
        return object;
    }

    private void addResult(ToolResult result, Message message) {
        String call = names.of(result.callId());
        List<ContentPart> attached =
                result.content().stream()
                        .filter(part ->
                                part instanceof ContentPart.Image
                                        || part instanceof ContentPart.File)
                        .toList();
        String text =
                result.content().stream()
                        .filter(part -> !attached.contains(part))
                        .map(PartJson::asText)
                        .collect(Collectors.joining("\n"));
        if (!attached.isEmpty()) {
            String note = "[%d attached: see the next user message]".formatted(attached.size());
            text = text.isEmpty() ? note : text + "\n" + note;
            attachments
                    .addObject()
                    .put("type", "text")
                    .put("text", "Attached to the result of tool call " + call + ":");
            attachments.addAll(PartJson.of(attached));
        }
        ObjectNode object = messages.addObject().put("role", "tool");
        object.put("tool_call_id", call).put("content", text);
        RequestBody.lay(message.extra(), object);
    }

    /// Begins a message that is not a tool's.
    private ObjectNode begin(Message.Role role) {
        endResults();
        return messages.addObject().put("role", role.name().toLowerCase(Locale.ROOT));
    }

    private void endResults() {
        if (!attachments.isEmpty()) {
            messages.addObject().put("role", "user").set("content", attachments.deepCopy());
            attachments.removeAll();
        }
    }
}
