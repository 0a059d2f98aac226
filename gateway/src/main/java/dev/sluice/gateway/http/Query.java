package dev.sluice.gateway.http;

import dev.sluice.common.run.Failure;
import dev.sluice.gateway.dialect.EventId;
import dev.sluice.gateway.run.RefusedException;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/// The parameters of a request's query. What is not as it must be is a [RefusedException].
record Query(HttpServerRequest request) {
    private static final int LONGEST_SHOWN = 100;

    /// A parameter's text; null where it is absent.
    @Nullable String text(String name) {
        return request.getParam(name);
    }

    /// How many are wanted, from 1 on.
    int limit(int usual, int most) {
        String text = text("limit");
        if (text == null) {
            return usual;
        }
        if (!text.matches("\\d{1,9}")) {
            throw refused(
                    "limit",
                    "Invalid type for 'limit': expected an integer, but got '"
                            + shown(text)
                            + "' instead.",
                    "invalid_type");
        }
        int limit = Integer.parseInt(text);
        if (limit < 1 || limit > most) {
            String bound = limit < 1 ? "below minimum" : "above maximum";
            throw refused(
                    "limit",
                    "Invalid 'limit': integer %s value. Expected a value %s %d, but got %d instead."
                            .formatted(bound, limit < 1 ? ">=" : "<=", limit < 1 ? 1 : most, limit),
                    limit < 1 ? "integer_below_min_value" : "integer_above_max_value");
        }
        return limit;
    }

    /// Whether something is wanted; null where nothing is said.
    @Nullable Boolean flag(String name) {
        String text = text(name);
        return switch (text) {
            case null -> null;
            case "true" -> true;
            case "false" -> false;
            default -> throw unknown(name, text, "'true' and 'false'");
        };
    }

    /// The event behind which a reader wants to go on. A client that reconnects by itself repeats
    /// its query as it was, and says in a header how far it has come since.
    EventId after() {
        String header = request.getHeader("Last-Event-ID");
        String name = header == null ? "starting_after" : "Last-Event-ID";
        String text = header == null ? text("starting_after") : header;
        return text == null || text.isEmpty()
                ? EventId.START
                : EventId.parse(text)
                        .orElseThrow(() ->
                                refused(
                                        name,
                                        "Invalid '%s': expected an event's id, as '<seq>-<offset>', or its number, but got '%s' instead."
                                                .formatted(name, shown(text)),
                                        "invalid_value"));
    }

    static RefusedException unknown(String name, String text, String supported) {
        return refused(
                name,
                "Invalid value: '%s'. Supported values are: %s.".formatted(shown(text), supported),
                "invalid_value");
    }

    static RefusedException refused(String name, String problem, String code) {
        return new RefusedException(new Failure.InvalidRequest(name, problem, code));
    }

    static String shown(String text) {
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
    }
}
