package dev.sluice.gateway.http;

import dev.sluice.common.run.Failure;
import dev.sluice.gateway.dialect.ClientDuration;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Pattern;

/// The headers of ours that a request may carry.
final class RequestHeaders {
    /// Names a request, in both directions.
    static final String REQUEST_ID = "x-request-id";

    /// Names a run, in answers.
    static final String RUN_ID = "x-sluice-run-id";

    /// Says that an answer is that of a run which an earlier request with the same idempotency key
    /// started.
    static final String REPLAYED = "idempotent-replayed";

    /// How long a run may take: `30`, `30s`, `500ms`, `5m`.
    static final String TIMEOUT = "x-sluice-timeout";

    private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    private RequestHeaders() {}

    /// The caller's request id where it is sane, else a new one.
    static String requestId(HttpServerRequest request) {
        String given = request.getHeader(REQUEST_ID);
        return given != null && SANE.matcher(given).matches()
                ? given
                : "req_" + UUID.randomUUID().toString().replace("-", "");
    }

    /// How long the run may take.
    sealed interface Timeout {
        /// So long.
        record Of(Duration duration) implements Timeout {}

        /// The header cannot be understood.
        record Refused(Failure failure) implements Timeout {}
    }

    /// What the header asks for, `most` at the most and without the header.
    static Timeout timeout(HttpServerRequest request, Duration most) {
        String given = request.getHeader(TIMEOUT);
        if (given == null) {
            return new Timeout.Of(most);
        }
        Duration asked = ClientDuration.parse(given.strip());
        if (asked == null) {
            return new Timeout.Refused(
                    new Failure.InvalidRequest(
                            TIMEOUT,
                            "The header x-sluice-timeout must be a duration such as 30s, 500ms or"
                                    + " 5m, or a number of seconds."));
        }
        return new Timeout.Of(asked.compareTo(most) < 0 ? asked : most);
    }
}
