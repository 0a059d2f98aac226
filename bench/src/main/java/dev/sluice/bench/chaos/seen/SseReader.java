package dev.sluice.bench.chaos.seen;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import org.jspecify.annotations.Nullable;

/// Reads server-sent events. What a broken connection leaves of one is dropped, as the
/// specification wants it. Comments are skipped.
public final class SseReader {
    private final BufferedReader lines;

    /// @param in stays the caller's to close
    public SseReader(InputStream in) {
        lines = new BufferedReader(new InputStreamReader(in, UTF_8));
    }

    /// The next event, waited for; null at the end of the stream.
    ///
    /// @throws IOException if the connection broke
    public @Nullable SseFrame next() throws IOException {
        String id = "";
        String event = "";
        StringBuilder data = null;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isEmpty()) {
                if (data != null) {
                    return new SseFrame(id, event, data.toString());
                }
                event = "";
                continue;
            }
            String value = line.substring(line.indexOf(':') + 1);
            value = value.startsWith(" ") ? value.substring(1) : value;
            if (line.startsWith("data:")) {
                data = data == null ? new StringBuilder() : data.append('\n');
                data.append(value);
            } else if (line.startsWith("id:")) {
                id = value;
            } else if (line.startsWith("event:")) {
                event = value;
            }
        }
        return null;
    }
}
