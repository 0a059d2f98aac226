package dev.sluice.common.run;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A piece of a message. `extra` holds the fields of the client's or the provider's own object that
/// Sluice does not act on, verbatim.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public sealed interface ContentPart {

    /// Plain text.
    @JsonTypeName("text")
    record Text(String text, Map<String, JsonNode> extra) implements ContentPart {
        public Text {
            extra = Copies.of(extra);
        }

        public Text(String text) {
            this(text, Map.of());
        }
    }

    /// An image, by an `https:` or `data:` URL. `detail` is how closely to look, in OpenAI's words.
    @JsonTypeName("image")
    record Image(String url, @Nullable String detail, Map<String, JsonNode> extra)
            implements ContentPart {
        public Image {
            extra = Copies.of(extra);
        }
    }

    /// A file: one that the provider holds (`id`), or its content as a `data:` URL (`data`).
    @JsonTypeName("file")
    record File(
            @Nullable String id,
            @Nullable String name,
            @Nullable String data,
            Map<String, JsonNode> extra)
            implements ContentPart {
        public File {
            extra = Copies.of(extra);
        }
    }

    /// What a model thought before it answered.
    @JsonTypeName("reasoning")
    record Reasoning(String text) implements ContentPart {}

    /// What a model said when it declined to answer.
    @JsonTypeName("refusal")
    record Refusal(String text) implements ContentPart {}

    /// A call of a tool that a model asked for. `id` is unique among all runs; `providerId` is what
    /// the provider called it, null where the call did not come from a provider. `arguments` is the
    /// text that the model wrote, JSON as a rule and not by guarantee.
    @JsonTypeName("tool_call")
    record ToolCall(
            String id,
            String name,
            String arguments,
            @Nullable String providerId,
            Map<String, JsonNode> extra)
            implements ContentPart {
        public ToolCall {
            extra = Copies.of(extra);
        }
    }

    /// What the tool call `callId` came to. `error` says that the tool failed; the content then
    /// tells the model why.
    @JsonTypeName("tool_result")
    record ToolResult(String callId, List<ContentPart> content, boolean error)
            implements ContentPart {
        public ToolResult {
            content = Copies.of(content);
        }

        /// A result of one text.
        public static ToolResult text(String callId, String text, boolean error) {
            return new ToolResult(callId, List.of(new Text(text)), error);
        }
    }

    /// A part of a kind that Sluice has no name for, as it came.
    @JsonTypeName("verbatim")
    record Verbatim(Map<String, JsonNode> fields) implements ContentPart {
        public Verbatim {
            fields = Copies.of(fields);
        }
    }
}
