package dev.sluice.worker.provider.openai;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.ContentPart.Text;
import dev.sluice.common.run.Json;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes content parts as Chat Completions has them.
final class PartJson {
    private PartJson() {}

    /// Whether the content is nothing but one text, which every endpoint takes as a plain string.
    static boolean isPlain(List<ContentPart> content) {
        return content.isEmpty()
                || (content.size() == 1
                        && content.getFirst() instanceof Text text
                        && text.extra().isEmpty());
    }

    /// The texts of the parts, joined.
    static String textOf(List<ContentPart> content) {
        return content.stream().map(PartJson::asText).collect(Collectors.joining());
    }

    /// A part as text where nothing else will do.
    static String asText(ContentPart part) {
        return switch (part) {
            case Text text -> text.text();
            case ContentPart.Refusal refusal -> refusal.text();
            case ContentPart.Reasoning reasoning -> reasoning.text();
            case ContentPart.Verbatim verbatim -> Json.MAPPER.writeValueAsString(verbatim.fields());
            case ContentPart.Image _,
                    ContentPart.File _,
                    ContentPart.ToolCall _,
                    ContentPart.ToolResult _ ->
                    "";
        };
    }

    /// The parts as a list.
    static ArrayNode of(List<ContentPart> content) {
        ArrayNode array = Json.MAPPER.createArrayNode();
        content.forEach(part -> array.add(of(part)));
        return array;
    }

    private static ObjectNode of(ContentPart part) {
        return switch (part) {
            case ContentPart.Image image -> {
                ObjectNode object = typed("image_url");
                ObjectNode url = object.putObject("image_url").put("url", image.url());
                put(url, "detail", image.detail());
                yield with(image.extra(), object);
            }
            case ContentPart.File file -> {
                ObjectNode object = typed("file");
                ObjectNode fields = object.putObject("file");
                put(fields, "file_id", file.id());
                put(fields, "filename", file.name());
                put(fields, "file_data", file.data());
                yield with(file.extra(), object);
            }
            case ContentPart.Verbatim verbatim ->
                    with(verbatim.fields(), Json.MAPPER.createObjectNode());
            case Text text -> with(text.extra(), typed("text").put("text", text.text()));
            case ContentPart.Refusal refusal -> typed("refusal").put("refusal", refusal.text());
            case ContentPart.Reasoning _, ContentPart.ToolCall _, ContentPart.ToolResult _ ->
                    typed("text").put("text", asText(part));
        };
    }

    private static ObjectNode typed(String type) {
        return Json.MAPPER.createObjectNode().put("type", type);
    }

    private static void put(ObjectNode object, String name, @Nullable String value) {
        if (value != null) {
            object.put(name, value);
        }
    }

    private static ObjectNode with(Map<String, JsonNode> extra, ObjectNode object) {
        RequestBody.lay(extra, object);
        return object;
    }
}
