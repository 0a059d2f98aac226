package dev.sluice.worker.tool.mcp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Lines of bytes, of bounded length.
final class Lines {
    /// As long as the SDK's transports let a message be.
    static final int LONGEST = 16 * 1024 * 1024;

    private Lines() {}

    /// The next line without its end; null at the end of the stream. What stands there after the
    /// last line end is no line: its writer died before it was complete.
    ///
    /// @throws TooLong where the line is longer than a message may be
    static byte @Nullable [] next(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        for (int b = in.read(); b != -1; b = in.read()) {
            if (b == '\n') {
                return line.toByteArray();
            }
            if (line.size() == LONGEST) {
                throw new TooLong();
            }
            line.write(b);
        }
        return null;
    }

    /// A line is longer than [#LONGEST].
    static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;
    }
}
