package dev.sluice.embedded.mcp;

import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/// The requests of one session that are being answered, so that the client can cancel them.
final class Calls {

    private static final Logger LOG = LoggerFactory.getLogger(Calls.class);
    private static final String CANCELLED = "notifications/cancelled";

    private final Map<Object, Disposable> running = new ConcurrentHashMap<>();

    /// Answers request `id` by running `answer`, which ends early when the request is cancelled.
    void run(Object id, Mono<Void> answer) {
        Disposable.Swap call = Disposables.swap();
        running.put(id, call);
        call.update(
                answer.doFinally(_ -> running.remove(id, call))
                        .subscribe(
                                _ -> {},
                                e ->
                                        LOG.atDebug()
                                                .setCause(e)
                                                .log("an MCP request was not answered")));
    }

    /// Cancels what `notification` asks for; false if it is about something else.
    boolean cancelledBy(JSONRPCNotification notification) {
        if (!notification.method().equals(CANCELLED)) {
            return false;
        }
        Object id =
                notification.params() instanceof Map<?, ?> params ? params.get("requestId") : null;
        Disposable call = id == null ? null : running.remove(id);
        if (call != null) {
            call.dispose();
        }
        return true;
    }

    /// Cancels everything: the client is gone.
    void cancelAll() {
        running.values().forEach(Disposable::dispose);
        running.clear();
    }
}
