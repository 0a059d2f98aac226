package dev.sluice.worker.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/// An upstream that answers with exactly the bytes a test chooses. Each request takes the next of
/// the scripts, the last one again and again.
final class RawUpstream implements AutoCloseable {
    /// Plays an answer; on the event loop.
    interface Script {
        void play(Wire wire);
    }

    /// A request as it came.
    record Received(String head, String body) {
        boolean hasHeader(String line) {
            return head.toLowerCase(Locale.ROOT).contains("\r\n" + line + "\r\n");
        }
    }

    /// One request's connection.
    record Wire(NetSocket socket, Received request, CompletableFuture<Void> closed) {
        Wire raw(String bytes) {
            socket.write(bytes);
            return this;
        }

        /// The head of an answer in chunks.
        Wire head(int status, String contentType) {
            return raw(
                    "HTTP/1.1 %d X\r\ncontent-type: %s\r\ntransfer-encoding: chunked\r\n\r\n"
                            .formatted(status, contentType));
        }

        Wire chunk(String text) {
            return raw("%x\r\n%s\r\n".formatted(text.getBytes(UTF_8).length, text));
        }

        /// An event for each datum, ' standing for ".
        Wire events(String... data) {
            for (String datum : data) {
                chunk("data: " + datum.replace('\'', '"') + "\n\n");
            }
            return this;
        }

        Wire end() {
            return raw("0\r\n\r\n");
        }

        Wire stream(String... data) {
            return head(200, "text/event-stream").events(data);
        }

        /// A complete answer.
        Wire whole(int status, String headers, String body) {
            String text = body.replace('\'', '"');
            return raw(
                    "HTTP/1.1 %d X\r\n%scontent-length: %d\r\n\r\n%s"
                            .formatted(status, headers, text.getBytes(UTF_8).length, text));
        }

        void reset() {
            socket.close();
        }
    }

    final List<Wire> wires = new CopyOnWriteArrayList<>();
    final List<NetSocket> connections = new CopyOnWriteArrayList<>();
    private final Queue<Script> scripts = new ConcurrentLinkedQueue<>();
    private final NetServer server;

    RawUpstream(Vertx vertx, Script... scripts) {
        this.scripts.addAll(List.of(scripts));
        this.server = vertx.createNetServer().connectHandler(this::connected);
        server.listen(0, "127.0.0.1").await();
    }

    URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.actualPort() + "/v1/");
    }

    Wire wire(int number) {
        return wires.get(number);
    }

    private void connected(NetSocket socket) {
        connections.add(socket);
        CompletableFuture<Void> closed = new CompletableFuture<>();
        socket.closeHandler(_ -> closed.complete(null));
        socket.exceptionHandler(_ -> {});
        AtomicReference<Buffer> pending = new AtomicReference<>(Buffer.buffer());
        socket.handler(bytes -> {
            Buffer received = pending.get().appendBuffer(bytes);
            String text = received.toString(UTF_8);
            int end = text.indexOf("\r\n\r\n") + 4;
            if (end < 4 || received.length() < end + contentLength(text)) {
                return;
            }
            Received request = new Received(text.substring(0, end), text.substring(end));
            // One request at a time is all that a client without pipelining sends.
            pending.set(Buffer.buffer());
            Wire wire = new Wire(socket, request, closed);
            wires.add(wire);
            next().play(wire);
        });
    }

    private synchronized Script next() {
        return scripts.size() > 1 ? scripts.remove() : scripts.element();
    }

    private static int contentLength(String head) {
        String lower = head.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("content-length: ") + "content-length: ".length();
        return Integer.parseInt(head.substring(at, head.indexOf("\r\n", at)).strip());
    }

    @Override
    public void close() {
        server.close().await();
    }
}
