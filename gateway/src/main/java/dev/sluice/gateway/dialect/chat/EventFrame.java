package dev.sluice.gateway.dialect.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.common.run.Json;
import io.vertx.core.buffer.Buffer;
import tools.jackson.databind.JsonNode;

/// Writes server-sent events with a JSON object each, a text delta without a JSON tree.
final class EventFrame {
    /// What ends a stream that came to its proper end.
    static final byte[] DONE = "data: [DONE]\n\n".getBytes(UTF_8);

    private static final byte[][] ESCAPES = escapes();

    private EventFrame() {}

    static Buffer of(JsonNode data) {
        return of(Buffer.buffer(Json.MAPPER.writeValueAsBytes(data)));
    }

    static Buffer of(Buffer json) {
        return Buffer.buffer("data: ").appendBuffer(json).appendString("\n\n");
    }

    /// `before`, the text as the inside of a JSON string, and `after`.
    static Buffer around(byte[] before, String text, byte[] after) {
        if (startsOrEndsWithinAPair(text)) {
            byte[] quoted = Json.MAPPER.writeValueAsBytes(text);
            return Buffer.buffer(before)
                    .appendBytes(quoted, 1, quoted.length - 2)
                    .appendBytes(after);
        }
        byte[] utf8 = text.getBytes(UTF_8);
        Buffer frame = Buffer.buffer(before.length + utf8.length + after.length + 16);
        frame.appendBytes(before);
        int from = 0;
        for (int i = 0; i < utf8.length; i++) {
            byte b = utf8[i];
            // Bytes of multi-byte characters are negative.
            if (b >= 0 && b < ESCAPES.length && ESCAPES[b].length > 0) {
                frame.appendBytes(utf8, from, i - from).appendBytes(ESCAPES[b]);
                from = i + 1;
            }
        }
        return frame.appendBytes(utf8, from, utf8.length - from).appendBytes(after);
    }

    /// Whether a provider has cut a surrogate pair in two: its halves have no UTF-8 form, and go on
    /// as the escapes they came as.
    private static boolean startsOrEndsWithinAPair(String text) {
        return !text.isEmpty()
                && (Character.isLowSurrogate(text.charAt(0))
                        || Character.isHighSurrogate(text.charAt(text.length() - 1)));
    }

    private static byte[][] escapes() {
        byte[][] escapes = new byte['\\' + 1][0];
        for (char c = 0; c < escapes.length; c++) {
            String json = Json.MAPPER.writeValueAsString(String.valueOf(c));
            String inside = json.substring(1, json.length() - 1);
            if (inside.length() > 1) {
                escapes[c] = inside.getBytes(UTF_8);
            }
        }
        return escapes;
    }
}
