package dev.sluice.gateway.http;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.RunId;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A client's own name for a request that it may repeat: whatever repeats it joins the run that the
/// first one started.
record IdempotencyKey(String value) {
    static final String HEADER = "idempotency-key";

    private static final Pattern FORM = Pattern.compile("[\\x20-\\x7e]{1,255}");

    /// How the answer is delivered is not part of what is asked: a repetition may stream where the
    /// first request did not.
    private static final List<String> DELIVERY = List.of("stream", "stream_options");

    /// What a request's header says.
    sealed interface Given {
        /// There is none.
        record None() implements Given {}

        /// This key.
        record Key(IdempotencyKey key) implements Given {}

        /// It is no key.
        record Refused(Failure failure) implements Given {}
    }

    static Given of(HttpServerRequest request) {
        String value = request.getHeader(HEADER);
        if (value == null) {
            return new Given.None();
        }
        return FORM.matcher(value).matches()
                ? new Given.Key(new IdempotencyKey(value))
                : new Given.Refused(
                        new Failure.InvalidRequest(
                                "Idempotency-Key",
                                "The header Idempotency-Key must be 1 to 255 printable ASCII"
                                        + " characters."));
    }

    /// The run that requests with this key are about.
    ///
    /// @param client the id of the key that the client presented; null where none is needed
    RunId run(@Nullable String client, String route) {
        return RunId.derived(client == null ? "" : client, route, value);
    }

    /// A digest of what a body asks for, which is valid JSON.
    static String digest(Buffer body) {
        JsonNode asked = Json.FOREIGN.readTree(body.getBytes());
        if (asked instanceof ObjectNode object) {
            object.remove(DELIVERY);
        }
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(Json.FOREIGN.writeValueAsBytes(asked)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
