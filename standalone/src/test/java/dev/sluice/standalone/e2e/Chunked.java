package dev.sluice.standalone.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

/// Undoes HTTP's chunked transfer coding.
final class Chunked {
    private Chunked() {}

    /// The body of a chunked response that was read as a whole.
    static String body(String response) {
        // By bytes: chunk sizes count them.
        String bytes = new String(response.getBytes(UTF_8), ISO_8859_1);
        StringBuilder body = new StringBuilder();
        int at = bytes.indexOf("\r\n\r\n") + 4;
        while (true) {
            int end = bytes.indexOf("\r\n", at);
            int size = Integer.parseInt(bytes.substring(at, end), 16);
            if (size == 0) {
                return new String(body.toString().getBytes(ISO_8859_1), UTF_8);
            }
            body.append(bytes, end + 2, end + 2 + size);
            at = end + 2 + size + 2;
        }
    }
}
