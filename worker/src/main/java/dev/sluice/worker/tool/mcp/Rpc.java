package dev.sluice.worker.tool.mcp;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Requests over a [Wire] and their answers. It goes through three states: open; worn, where no new
/// request is taken and the wire is closed after the last answer; ended. Safe for any number of
/// threads.
final class Rpc implements Wire.Listener {
    private static final String INITIALIZE = "initialize";
    private static final Duration PING = Duration.ofSeconds(5);
    private static final int METHOD_NOT_FOUND = -32601;

    private final Wire wire;
    private final Runnable toolsChanged;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<Reply>> pending = new ConcurrentHashMap<>();
    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile @Nullable String unusable;
    private volatile boolean closed;
    private volatile long heardAt = System.nanoTime();

    /// @param toolsChanged is run when the server says that its tools are others now
    Rpc(Wire wire, Runnable toolsChanged) {
        this.wire = wire;
        this.toolsChanged = toolsChanged;
    }

    /// Whether it takes requests.
    boolean usable() {
        return unusable == null;
    }

    /// How long the server has been silent.
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - heardAt);
    }

    /// Sends a request and blocks until its fate is known. A request that times out, or whose
    /// thread is interrupted, is cancelled at the server.
    Reply request(String method, ObjectNode params, Duration timeout) throws InterruptedException {
        int id = ids.incrementAndGet();
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        pending.put(id, answer);
        try {
            // After the put: whoever wears it out from here on sees that the request is pending.
            String reason = unusable;
            if (reason != null) {
                return new Reply.Unsent(reason);
            }
            var _ =
                    wire.send(message(method, params).put("id", id))
                            .thenAccept(unanswered -> unanswered.ifPresent(answer::complete));
            Reply reply = answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            if (reply instanceof Reply.Unsent(String why)) {
                worn(why);
            }
            return reply;
        } catch (TimeoutException e) {
            cancel(id, method, "timeout");
            return new Reply.TimedOut();
        } catch (InterruptedException e) {
            cancel(id, method, "cancelled by the client");
            throw e;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            pending.remove(id);
            closeIfDrained();
        }
    }

    /// Sends a notification, without blocking.
    CompletableFuture<Optional<Reply.Unanswered>> notify(String method, ObjectNode params) {
        return wire.send(message(method, params));
    }

    /// Ends it: what is pending is lost. Blocks as long as the wire takes to close.
    void close() {
        closing.set(true);
        end("the session was closed");
        closeWire();
    }

    /// Whether the wire is closed, for good and to the end.
    boolean closed() {
        return closed;
    }

    @Override
    public void received(JsonNode message) {
        heardAt = System.nanoTime();
        if (message.isArray()) {
            message.forEach(this::received);
        } else if (message.path("method").isString()) {
            asked(message.path("method").stringValue(), message.path("id"));
        } else if (message.path("id").canConvertToInt()) {
            answered(message.path("id").intValue(), message);
        } else if (message.path("id").isString()) {
            // Some servers send the id back as text.
            message.path("id").asIntOpt().ifPresent(id -> answered(id, message));
        }
    }

    @Override
    public void unanswered(int id, Reply.Unanswered reply) {
        CompletableFuture<Reply> answer = pending.get(id);
        if (answer != null) {
            answer.complete(reply);
        }
    }

    @Override
    public void worn(String reason) {
        if (unusable == null) {
            unusable = reason;
        }
        closeIfDrained();
    }

    @Override
    public void doubted(String reason) {
        Thread.ofVirtual().name("mcp-ping").start(() -> ping(reason));
    }

    @Override
    public void ended(String reason) {
        end(reason);
        closeIfDrained();
    }

    private void ping(String reason) {
        try {
            Reply reply = request("ping", JsonNodeFactory.instance.objectNode(), PING);
            if (!(reply instanceof Reply.Result || reply instanceof Reply.Failed)) {
                worn(reason);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end(String reason) {
        if (unusable == null) {
            unusable = reason;
        }
        pending.values().forEach(answer -> answer.complete(new Reply.Lost(reason)));
    }

    private void answered(int id, JsonNode message) {
        CompletableFuture<Reply> answer = pending.get(id);
        if (answer == null) {
            return;
        }
        JsonNode error = message.path("error");
        answer.complete(
                error.isObject()
                        ? new Reply.Failed(
                                error.path("code").asInt(0), error.path("message").asString(""))
                        : new Reply.Result(message.path("result")));
    }

    private void asked(String method, JsonNode id) {
        if (id.isMissingNode() || id.isNull()) {
            if (method.equals("notifications/tools/list_changed")) {
                toolsChanged.run();
            }
            return;
        }
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0");
        answer.set("id", id);
        if (method.equals("ping")) {
            answer.putObject("result");
        } else {
            answer.putObject("error")
                    .put("code", METHOD_NOT_FOUND)
                    .put("message", "This client has no method " + method);
        }
        wire.send(answer);
    }

    private void cancel(int id, String method, String reason) {
        // The one request that the protocol forbids to cancel.
        if (!method.equals(INITIALIZE)) {
            ObjectNode params = JsonNodeFactory.instance.objectNode();
            params.put("requestId", id).put("reason", reason);
            notify("notifications/cancelled", params);
        }
    }

    private void closeIfDrained() {
        if (unusable != null && pending.isEmpty() && closing.compareAndSet(false, true)) {
            Thread.ofVirtual().name("mcp-close").start(this::closeWire);
        }
    }

    private void closeWire() {
        wire.close();
        closed = true;
    }

    private static ObjectNode message(String method, ObjectNode params) {
        ObjectNode message = JsonNodeFactory.instance.objectNode();
        message.put("jsonrpc", "2.0").put("method", method);
        message.set("params", params);
        return message;
    }
}
