package dev.sluice.worker.provider;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Json;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.provider.Outcome.Broken;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Says what a provider's error means: whose fault it is, and whether to try again.
record ErrorReplies(String provider, Secrets secrets) {
    private static final int MESSAGE_LIMIT = 1_000;

    /// Errors that come with a client's status though it is the configuration that is at fault.
    private static final Set<String> OURS =
            Set.of("model_not_found", "invalid_api_key", "unknown_url");

    /// A status that is not a success.
    Broken of(int status, @Nullable Duration retryAfter, byte[] body) {
        JsonNode error = errorIn(body);
        Failure failure = failure(status, retryAfter, error);
        boolean quota = "insufficient_quota".equals(codeOf(error));
        boolean again = mayPass(status) && !(status == 429 && quota);
        return new Broken(failure, Usage.NONE, status, again, retryAfter);
    }

    /// An error in the stream of an answer. Its code counts as a status if it is one, and only then
    /// may another attempt do better.
    ///
    /// @param untouched whether nothing of the answer came before it
    Broken within(JsonNode error, Usage usage, boolean untouched) {
        int given = statusIn(error.path("code"));
        int status = given == 0 ? 500 : given;
        boolean again = untouched && mayPass(given);
        return new Broken(failure(status, null, error), usage, status, again, null);
    }

    private static boolean mayPass(int status) {
        return status == 408 || status == 409 || status == 429 || status >= 500;
    }

    private Failure failure(int status, @Nullable Duration retryAfter, JsonNode error) {
        return switch (status) {
            case 429 -> new Failure.UpstreamRateLimited(provider, retryAfter);
            case 400, 404, 413, 422 ->
                    isOfTheRequest(status, error)
                            ? new Failure.InvalidRequest(
                                    clean(error.path("param").stringValue("")),
                                    problem(error),
                                    clean(codeOf(error)))
                            : new Failure.UpstreamFailed(provider, status);
            default -> new Failure.UpstreamFailed(provider, status);
        };
    }

    /// Whether the client can do something about it. It chose neither the upstream's address nor
    /// its model.
    private static boolean isOfTheRequest(int status, JsonNode error) {
        String message = error.path("message").stringValue("");
        if (message.isBlank() || OURS.contains(codeOf(error))) {
            return false;
        }
        String lower = message.toLowerCase(Locale.ROOT);
        return status != 404 || !(lower.contains("model") || lower.startsWith("invalid url"));
    }

    private String problem(JsonNode error) {
        String problem = secrets.removedFrom(error.path("message").stringValue(""));
        if (problem.length() <= MESSAGE_LIMIT) {
            return problem;
        }
        int end = MESSAGE_LIMIT - 1;
        end -= Character.isHighSurrogate(problem.charAt(end - 1)) ? 1 : 0;
        return problem.substring(0, end) + "…";
    }

    private @Nullable String clean(String text) {
        return text.isEmpty() ? null : secrets.removedFrom(text);
    }

    private static String codeOf(JsonNode error) {
        return error.path("code").stringValue("");
    }

    /// The status of an error that a code is; 0 if it is none.
    private static int statusIn(JsonNode code) {
        int status =
                code.isString() && code.stringValue().matches("[1-9][0-9]{2}")
                        ? Integer.parseInt(code.stringValue())
                        : code.intValue(0);
        return status >= 400 && status <= 599 ? status : 0;
    }

    private static JsonNode errorIn(byte[] body) {
        JsonNode json;
        try {
            json = Json.MAPPER.readTree(body);
        } catch (JacksonException _) {
            return MissingNode.getInstance();
        }
        // Some endpoints wrap the object in a list, others leave the inner object out.
        JsonNode object = json.isArray() ? json.path(0) : json;
        JsonNode error = object.path("error");
        if (error.isObject()) {
            return error;
        }
        return object.path("object").stringValue("").equals("error")
                ? object
                : MissingNode.getInstance();
    }
}
