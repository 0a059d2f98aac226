package dev.sluice.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/// What the tests ask of a Redis server: an inline command, its answer as raw lines.
final class RedisCommands {

    private RedisCommands() {}

    static String send(int port, String command) throws IOException {
        return lines(port, command, 1).getFirst();
    }

    static List<String> lines(int port, String command, int count) throws IOException {
        try (var socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write((command + "\r\n").getBytes(UTF_8));
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            var lines = new ArrayList<String>();
            while (lines.size() < count) {
                lines.add(in.readLine());
            }
            return lines;
        }
    }
}
