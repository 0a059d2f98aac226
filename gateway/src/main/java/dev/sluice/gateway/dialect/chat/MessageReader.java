package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Reads the conversation.
final class MessageReader {
    private static final String ROLES = "'system', 'developer', 'user', 'assistant', and 'tool'";
    private static final String STRING_OR_OBJECTS = "one of a string or array of objects";

    private MessageReader() {}

    static List<Message> read(Field messages) {
        List<Field> items = messages.items("an array of objects");
        if (items.isEmpty()) {
            throw emptyArray(messages);
        }
        return items.stream().map(MessageReader::message).toList();
    }

    private static Message message(Field message) {
        message.object();
        Field role = message.at("role");
        return switch (role.string()) {
            case "system" -> spoken(Role.SYSTEM, message);
            case "developer" -> spoken(Role.DEVELOPER, message);
            case "user" -> spoken(Role.USER, message);
            case "assistant" -> assistant(message);
            case "tool" -> tool(message);
            case "function" ->
                    throw role.unsupported(
                            "unsupported_value",
                            "Unsupported value: 'function' is a deprecated role. Use 'tool' with a"
                                    + " 'tool_call_id' instead.");
            default -> throw role.unknownValue(ROLES);
        };
    }

    private static Message spoken(Role role, Field message) {
        return new Message(
                role,
                content(role, message.at("content")),
                message.others(Set.of("role", "content")));
    }

    private static Message tool(Field message) {
        String id = message.at("tool_call_id").nonEmptyString();
        List<ContentPart> content = content(Role.TOOL, message.at("content"));
        return new Message(
                Role.TOOL,
                List.of(new ContentPart.ToolResult(id, content, false)),
                message.others(Set.of("role", "content", "tool_call_id")));
    }

    private static Message assistant(Field message) {
        List<ContentPart> parts = new ArrayList<>();
        String reasoning = message.at("reasoning_content").optionalString();
        if (reasoning != null && !reasoning.isEmpty()) {
            parts.add(new ContentPart.Reasoning(reasoning));
        }
        String refusal = message.at("refusal").optionalString();
        List<ContentPart> calls = toolCalls(message.at("tool_calls"));
        Field content = message.at("content");
        boolean optional =
                !calls.isEmpty()
                        || refusal != null
                        || !message.at("audio").absent()
                        || !message.at("function_call").absent();
        if (!optional || !(content.absent() || content.value().isEmpty())) {
            parts.addAll(content(Role.ASSISTANT, content));
        }
        if (refusal != null) {
            parts.add(new ContentPart.Refusal(refusal));
        }
        parts.addAll(calls);
        return new Message(
                Role.ASSISTANT,
                parts,
                message.others(
                        Set.of("role", "content", "reasoning_content", "refusal", "tool_calls")));
    }

    private static List<ContentPart> toolCalls(Field calls) {
        if (calls.absent()) {
            return List.of();
        }
        return calls.items("an array of objects").stream().map(MessageReader::toolCall).toList();
    }

    private static ContentPart toolCall(Field call) {
        String id = call.object().at("id").nonEmptyString();
        Field type = call.at("type");
        if (!type.string().equals("function")) {
            throw type.unknownValue("'function'");
        }
        Field function = call.at("function").object();
        Map<String, JsonNode> extra = function.others(Set.of("name", "arguments"));
        extra.putAll(call.others(Set.of("id", "type", "function")));
        return new ContentPart.ToolCall(
                id,
                function.at("name").nonEmptyString(),
                function.at("arguments").string(),
                null,
                extra);
    }

    private static List<ContentPart> content(Role role, Field content) {
        if (content.value().isString()) {
            return List.of(new ContentPart.Text(content.string()));
        }
        List<Field> parts = content.items(STRING_OR_OBJECTS);
        if (parts.isEmpty()) {
            throw emptyArray(content);
        }
        return parts.stream().map(part -> part(role, part)).toList();
    }

    private static ContentPart part(Role role, Field part) {
        Field type = part.object().at("type");
        String name = type.string();
        if (!name.equals("text") && (role == Role.SYSTEM || role == Role.DEVELOPER)) {
            throw type.unknownValue("'text'");
        }
        return switch (name) {
            case "text" ->
                    new ContentPart.Text(
                            part.at("text").string(), part.others(Set.of("type", "text")));
            case "image_url" -> image(part);
            case "file" -> file(part);
            case "refusal" -> {
                if (role != Role.ASSISTANT) {
                    throw type.unknownValue("'text', 'image_url', 'input_audio', and 'file'");
                }
                yield new ContentPart.Refusal(part.at("refusal").string());
            }
            default -> new ContentPart.Verbatim(part.others(Set.of()));
        };
    }

    private static ContentPart image(Field part) {
        Field image = part.at("image_url").object();
        return new ContentPart.Image(
                image.at("url").nonEmptyString(),
                image.at("detail").optionalString(),
                extra(part, image, "image_url", Set.of("url", "detail")));
    }

    private static ContentPart file(Field part) {
        Field file = part.at("file").object();
        String id = file.at("file_id").optionalString();
        String data = file.at("file_data").optionalString();
        if (id == null && data == null) {
            throw new RefusedException(
                    file.path(),
                    "Missing required parameter: '%1$s.file_id' or '%1$s.file_data'."
                            .formatted(file.path()),
                    "missing_required_parameter");
        }
        return new ContentPart.File(
                id,
                file.at("filename").optionalString(),
                data,
                extra(part, file, "file", Set.of("file_id", "file_data", "filename")));
    }

    /// What else stood in a part and in the object within it, in one map.
    private static Map<String, JsonNode> extra(
            Field part, Field inner, String name, Set<String> known) {
        Map<String, JsonNode> extra = inner.others(known);
        extra.putAll(part.others(Set.of("type", name)));
        return extra;
    }

    private static RefusedException emptyArray(Field array) {
        return array.invalid(
                "empty_array",
                "empty array. Expected an array with minimum length 1, but got an empty array"
                        + " instead.");
    }
}
