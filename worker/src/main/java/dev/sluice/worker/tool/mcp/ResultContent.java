package dev.sluice.worker.tool.mcp;

import dev.sluice.common.run.ContentPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The [result of a tool
/// call](https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-result) as
/// parts of a message. Models read text and look at images; of anything else they are told.
final class ResultContent {
    private ResultContent() {}

    /// The parts of a `tools/call` result, never none.
    static List<ContentPart> of(JsonNode result) {
        List<ContentPart> parts = new ArrayList<>();
        boolean text = false;
        for (JsonNode block : result.path("content")) {
            parts.add(part(block));
            text |= block.path("type").asString("").equals("text");
        }
        JsonNode structured = result.path("structuredContent");
        // Beside text it says the same again, as the specification asks of servers.
        if (!text && structured.isContainer()) {
            parts.add(new ContentPart.Text(structured.toString()));
        }
        return parts.isEmpty()
                ? List.of(new ContentPart.Text("The tool returned no content."))
                : parts;
    }

    private static ContentPart part(JsonNode block) {
        return switch (block.path("type").asString("")) {
            case "text" -> new ContentPart.Text(block.path("text").asString(""));
            case "image" -> binary("image", block, block.path("data").asString(""));
            case "audio" -> binary("audio", block, block.path("data").asString(""));
            case "resource" -> resource(block.path("resource"));
            case "resource_link" ->
                    described("resource", block, "name", "title", "uri", "mimeType", "description");
            default -> new ContentPart.Text(block.toString());
        };
    }

    private static ContentPart resource(JsonNode resource) {
        JsonNode text = resource.path("text");
        return text.isString()
                ? new ContentPart.Text(text.stringValue())
                : binary("resource", resource, resource.path("blob").asString(""));
    }

    private static ContentPart binary(String kind, JsonNode block, String base64) {
        String mime = block.path("mimeType").asString("");
        if (mime.startsWith("image/") && !base64.isEmpty()) {
            return new ContentPart.Image("data:" + mime + ";base64," + base64, null, Map.of());
        }
        return new ContentPart.Text(
                String.format(
                        Locale.ROOT,
                        "[%s, %,d bytes that cannot be shown]",
                        Stream.of(kind, block.path("uri").asString(""), mime)
                                .filter(word -> !word.isEmpty())
                                .collect(Collectors.joining(", ")),
                        size(base64)));
    }

    private static ContentPart described(String kind, JsonNode block, String... fields) {
        return new ContentPart.Text(
                Stream.of(fields)
                        .map(field -> block.path(field).asString(""))
                        .filter(word -> !word.isEmpty())
                        .collect(Collectors.joining(", ", "[" + kind + ": ", "]")));
    }

    private static long size(String base64) {
        long padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
        return Math.max(0, base64.length() * 3L / 4 - padding);
    }
}
