package dev.sluice.common.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// One message of a conversation. `extra` holds what the client or provider put beside the fields
/// that Sluice acts on (`name`, `annotations`), verbatim.
public record Message(Role role, List<ContentPart> content, Map<String, JsonNode> extra) {

    /// Who speaks.
    public enum Role {
        /// Instructions, in the older word.
        @JsonProperty("system")
        SYSTEM,
        /// Instructions, in OpenAI's newer word.
        @JsonProperty("developer")
        DEVELOPER,
        /// The person or program that asks.
        @JsonProperty("user")
        USER,
        /// The model.
        @JsonProperty("assistant")
        ASSISTANT,
        /// A tool that answers a call; its content is [ContentPart.ToolResult]s.
        @JsonProperty("tool")
        TOOL
    }

    public Message {
        content = Copies.of(content);
        extra = Copies.of(extra);
    }

    public Message(Role role, List<ContentPart> content) {
        this(role, content, Map.of());
    }

    /// A message of one text.
    public static Message text(Role role, String text) {
        return new Message(role, List.of(new ContentPart.Text(text)));
    }

    /// The message that gives the results of a turn's tool calls to the model.
    public static Message results(List<ContentPart.ToolResult> results) {
        return new Message(Role.TOOL, List.copyOf(results));
    }

    /// Whether this gives instructions rather than takes part in the conversation.
    public boolean instructs() {
        return role == Role.SYSTEM || role == Role.DEVELOPER;
    }

    /// Its texts, joined.
    public String text() {
        return parts(ContentPart.Text.class)
                .map(ContentPart.Text::text)
                .collect(Collectors.joining());
    }

    /// The tool calls it makes, in order.
    public List<ContentPart.ToolCall> toolCalls() {
        return parts(ContentPart.ToolCall.class).toList();
    }

    /// Its parts of one kind, in order.
    public <P extends ContentPart> Stream<P> parts(Class<P> kind) {
        return content.stream().filter(kind::isInstance).map(kind::cast);
    }
}
