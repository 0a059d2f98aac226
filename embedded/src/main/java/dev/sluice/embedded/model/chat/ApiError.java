package dev.sluice.embedded.model.chat;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An error in the shape of OpenAI's API.
///
/// @param status the HTTP status
/// @param error what stands under `error` in the body: `message`, `type`, `param`, `code`
public record ApiError(int status, ObjectNode error) {

    /// An error with every member of the body.
    public static ApiError of(
            int status,
            String message,
            String type,
            @Nullable String param,
            @Nullable String code) {
        ObjectNode error = JsonNodeFactory.instance.objectNode();
        error.put("message", message).put("type", type).put("param", param).put("code", code);
        return new ApiError(status, error);
    }

    /// A request that is refused with 400.
    public static ApiError invalid(String message, @Nullable String param, @Nullable String code) {
        return of(400, message, "invalid_request_error", param, code);
    }

    /// A model that is not served.
    public static ApiError unknownModel(String model) {
        String message =
                "The model `" + model + "` does not exist or you do not have access to it.";
        return of(404, message, "invalid_request_error", null, "model_not_found");
    }

    /// A caller whose key is wrong, or who gave none.
    public static ApiError wrongKey(boolean given) {
        return given
                ? of(
                        401,
                        "Incorrect API key provided.",
                        "invalid_request_error",
                        null,
                        "invalid_api_key")
                : of(
                        401,
                        "You didn't provide an API key. You need to provide your API key in an"
                                + " Authorization header using Bearer auth.",
                        "invalid_request_error",
                        null,
                        null);
    }

    /// The usual error of a status, with the members that `given` has put over its own.
    public static ApiError usual(int status, @Nullable ObjectNode given) {
        ApiError usual = usual(status);
        if (given != null) {
            usual.error.setAll(given);
        }
        return usual;
    }

    private static ApiError usual(int status) {
        return switch (status) {
            case 401 -> wrongKey(true);
            case 429 ->
                    of(
                            429,
                            "Rate limit reached for requests.",
                            "requests",
                            null,
                            "rate_limit_exceeded");
            case 503 ->
                    of(
                            503,
                            "The engine is currently overloaded, please try again later.",
                            "server_error",
                            null,
                            null);
            default ->
                    status < 500
                            ? of(
                                    status,
                                    "The request was refused.",
                                    "invalid_request_error",
                                    null,
                                    null)
                            : of(
                                    status,
                                    "The server had an error while processing your request.",
                                    "server_error",
                                    null,
                                    null);
        };
    }

    /// The body that carries it.
    public ObjectNode body() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("error", error);
        return body;
    }
}
