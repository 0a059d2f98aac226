package dev.sluice.embedded.model.chat;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// What OpenAI's API refuses in a chat completion request.
public final class RequestCheck {

    private static final Pattern TOOL_NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");
    private static final Set<String> ROLES =
            Set.of("system", "developer", "user", "assistant", "tool", "function");

    private RequestCheck() {}

    /// The first thing wrong with `body`; none: [ChatRequest] can read it.
    public static Optional<ApiError> problem(JsonNode body) {
        if (!body.isObject()) {
            return Optional.of(
                    ApiError.invalid("The request body must be a JSON object.", null, null));
        }
        if (!body.has("model")) {
            return Optional.of(ApiError.invalid("you must provide a model parameter", null, null));
        }
        return wrongType(body, "model", body.path("model").isString(), "a string")
                .or(() -> missingMessages(body))
                .or(() -> wrongType(body, "stream", body.path("stream").isBoolean(), "a boolean"))
                .or(() -> streamOptions(body))
                .or(() -> severalChoices(body))
                .or(() -> tools(body))
                .or(() -> messages(body.path("messages")));
    }

    private static Optional<ApiError> wrongType(
            JsonNode body, String param, boolean right, String expected) {
        return right || isAbsent(body.path(param))
                ? Optional.empty()
                : Optional.of(invalidType(param, expected));
    }

    private static ApiError invalidType(String param, String expected) {
        return ApiError.invalid(
                "Invalid type for '" + param + "': expected " + expected + ".",
                param,
                "invalid_type");
    }

    private static Optional<ApiError> missingMessages(JsonNode body) {
        JsonNode messages = body.path("messages");
        if (isAbsent(messages)) {
            return Optional.of(missing("messages"));
        }
        if (!messages.isArray()) {
            return Optional.of(invalidType("messages", "an array of objects"));
        }
        return messages.isEmpty()
                ? Optional.of(
                        ApiError.invalid(
                                "Invalid 'messages': empty array. Expected an array with minimum"
                                        + " length 1, but got an empty array instead.",
                                "messages",
                                "empty_array"))
                : Optional.empty();
    }

    private static ApiError missing(String param) {
        return ApiError.invalid(
                "Missing required parameter: '" + param + "'.",
                param,
                "missing_required_parameter");
    }

    private static Optional<ApiError> streamOptions(JsonNode body) {
        boolean allowed =
                isAbsent(body.path("stream_options")) || body.path("stream").asBoolean(false);
        return allowed
                ? Optional.empty()
                : Optional.of(
                        ApiError.invalid(
                                "The 'stream_options' parameter is only allowed when 'stream' is"
                                        + " enabled.",
                                "stream_options",
                                null));
    }

    private static Optional<ApiError> severalChoices(JsonNode body) {
        return body.path("n").asInt(1) == 1
                ? Optional.empty()
                : Optional.of(
                        ApiError.invalid(
                                "Only one choice is supported by this model.",
                                "n",
                                "unsupported_value"));
    }

    private static Optional<ApiError> tools(JsonNode body) {
        JsonNode tools = body.path("tools");
        if (isAbsent(tools)) {
            return Optional.empty();
        }
        if (!tools.isArray()) {
            return Optional.of(invalidType("tools", "an array of objects"));
        }
        for (int i = 0; i < tools.size(); i++) {
            String param = "tools[" + i + "].function.name";
            JsonNode name = tools.get(i).path("function").path("name");
            if (!name.isString()) {
                return Optional.of(missing(param));
            }
            if (!TOOL_NAME.matcher(name.stringValue()).matches()) {
                return Optional.of(
                        ApiError.invalid(
                                "Invalid '"
                                        + param
                                        + "': string does not match pattern. Expected a string"
                                        + " that matches the pattern '^[a-zA-Z0-9_-]+$', of at most"
                                        + " 64 characters.",
                                param,
                                "invalid_value"));
            }
        }
        return Optional.empty();
    }

    /// Every tool call must be answered before anything else is said, and nothing else answered.
    private static Optional<ApiError> messages(JsonNode messages) {
        Set<String> unanswered = new LinkedHashSet<>();
        for (int i = 0; i < messages.size(); i++) {
            JsonNode message = messages.get(i);
            String role = message.path("role").asString("");
            if (!ROLES.contains(role)) {
                return Optional.of(
                        ApiError.invalid(
                                "Invalid value: '"
                                        + role
                                        + "'. Supported values are: 'system',"
                                        + " 'assistant', 'user', 'function', 'tool', and"
                                        + " 'developer'.",
                                "messages[" + i + "].role",
                                "invalid_value"));
            }
            JsonNode content = message.path("content");
            if (!isAbsent(content) && !content.isString() && !content.isArray()) {
                return Optional.of(
                        invalidType("messages[" + i + "].content", "a string or an array"));
            }
            if (role.equals("tool")) {
                if (!unanswered.remove(message.path("tool_call_id").asString(""))) {
                    return Optional.of(
                            ApiError.invalid(
                                    "Invalid parameter: messages with role 'tool' must be a"
                                            + " response to a preceeding message with"
                                            + " 'tool_calls'.",
                                    "messages.[" + i + "].role",
                                    null));
                }
            } else if (!unanswered.isEmpty()) {
                return Optional.of(unanswered(unanswered, i));
            } else if (role.equals("assistant")) {
                message.path("tool_calls").forEach(c -> unanswered.add(c.path("id").asString("")));
            }
        }
        return unanswered.isEmpty()
                ? Optional.empty()
                : Optional.of(unanswered(unanswered, messages.size()));
    }

    private static ApiError unanswered(Set<String> ids, int at) {
        return ApiError.invalid(
                "An assistant message with 'tool_calls' must be followed by tool messages"
                        + " responding to each 'tool_call_id'. The following tool_call_ids did not"
                        + " have response messages: "
                        + String.join(", ", ids),
                "messages.[" + at + "].role",
                null);
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }
}
