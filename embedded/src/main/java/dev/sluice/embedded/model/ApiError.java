package dev.sluice.embedded.model;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An error in the shape of OpenAI's API.
///
/// @param status the HTTP status
/// @param error what stands under `error` in the body: `message`, `type`, `param`, `code`
record ApiError(int status, ObjectNode error) {

    static ApiError of(
            int status,
            String message,
            String type,
            @Nullable String param,
            @Nullable String code) {
        ObjectNode error = JsonNodeFactory.instance.objectNode();
        error.put("message", message).put("type", type).put("param", param).put("code", code);
        return new ApiError(status, error);
    }

    static ApiError invalid(String message, @Nullable String param, @Nullable String code) {
        return of(400, message, "invalid_request_error", param, code);
    }

    static ApiError unknownModel(String model) {
        String message =
                "The model `" + model + "` does not exist or you do not have access to it.";
        return of(404, message, "invalid_request_error", null, "model_not_found");
    }

    static ApiError wrongKey(boolean given) {
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

    /// The status's usual error with what the script says of it put over it.
    static ApiError scripted(Reply.HttpError reply) {
        ApiError usual = usual(reply.status());
        if (reply.error() != null) {
            usual.error.setAll(reply.error());
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

    ObjectNode body() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("error", error);
        return body;
    }
}
