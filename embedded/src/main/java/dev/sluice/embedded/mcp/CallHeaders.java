package dev.sluice.embedded.mcp;

import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.server.McpAsyncServerExchange;
import io.vertx.core.http.HttpServerRequest;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import reactor.util.context.Context;

/// Takes the headers of the HTTP request that carries a tool call along to the tool's journal.
final class CallHeaders {

    private static final String KEY = "headers";

    private final Map<String, Object> context;

    private CallHeaders(Map<String, Object> context) {
        this.context = context;
    }

    /// Those of `request`; of a header that comes more than once, the last.
    static CallHeaders of(HttpServerRequest request) {
        Map<String, String> headers = new TreeMap<>();
        request.headers()
                .forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
        return new CallHeaders(Map.of(KEY, Collections.unmodifiableMap(headers)));
    }

    /// `context` with these in the place where the SDK looks for what a transport has to say.
    Context laidInto(Context context) {
        return context.put(McpTransportContext.KEY, McpTransportContext.create(this.context));
    }

    /// Those of the request that `exchange` answers, by their names in lower case; none over stdio.
    @SuppressWarnings("unchecked")
    static Map<String, String> of(McpAsyncServerExchange exchange) {
        Object headers = exchange.transportContext().get(KEY);
        return headers == null ? Map.of() : (Map<String, String>) headers;
    }
}
