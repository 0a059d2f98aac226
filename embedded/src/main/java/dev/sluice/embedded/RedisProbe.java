package dev.sluice.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalLong;

/// Asks a Redis server on 127.0.0.1 whether it serves, in just enough of its protocol.
final class RedisProbe {

    private static final String PROCESS_ID = "process_id:";

    private RedisProbe() {}

    /// The process id of the server behind a port, once it answers `PING` with `PONG`; empty while
    /// nothing listens there, while the server loads its data or when something else answers.
    ///
    /// @param patience how long connecting, and each answer, may take
    static OptionalLong servingPid(int port, Duration patience) {
        int millis = Math.toIntExact(patience.toMillis());
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), millis);
            socket.setSoTimeout(millis);
            var in = new BufferedInputStream(socket.getInputStream());
            socket.getOutputStream().write(bytes("PING\r\n"));
            if (!line(in).equals("+PONG")) {
                return OptionalLong.empty();
            }
            socket.getOutputStream().write(bytes("INFO server\r\n"));
            String header = line(in);
            if (!header.startsWith("$")) {
                return OptionalLong.empty();
            }
            return pid(
                    new String(
                            in.readNBytes(Integer.parseInt(header.substring(1))),
                            StandardCharsets.US_ASCII));
        } catch (IOException | NumberFormatException _) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong pid(String info) {
        return info.lines()
                .filter(line -> line.startsWith(PROCESS_ID))
                .mapToLong(line -> Long.parseLong(line.substring(PROCESS_ID.length())))
                .findFirst();
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int next = in.read(); next != '\r'; next = in.read()) {
            if (next < 0 || line.length() > 1024) {
                throw new IOException("no answer in Redis' protocol");
            }
            line.append((char) next);
        }
        // The line feed.
        in.read();
        return line.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
