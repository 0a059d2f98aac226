package dev.sluice.gateway.dialect.chat;

import dev.sluice.common.run.Message;
import dev.sluice.gateway.dialect.Ask;
import dev.sluice.gateway.dialect.Ask.Delivery;
import dev.sluice.gateway.dialect.ClientJson;
import dev.sluice.gateway.dialect.Dialect;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Reads the body of `POST /v1/chat/completions`, and of `POST /v1/runs`, which adds to it.
final class RequestReader {
    private static final String AGENT = "agent";
    private static final String INPUT = "input";

    private static final Set<String> TAKEN =
            Set.of(
                    "model",
                    "messages",
                    "tools",
                    "stream",
                    "stream_options",
                    "n",
                    TermsReader.ON_DISCONNECT);

    /// What concerns the run alone is not the provider's business.
    private static final Set<String> TAKEN_OF_RUNS =
            Stream.concat(
                            TAKEN.stream(),
                            Stream.of(
                                    TermsReader.METADATA,
                                    TermsReader.BACKGROUND,
                                    TermsReader.PRIORITY))
                    .collect(Collectors.toUnmodifiableSet());

    /// A job's own fields beside those: what it is named by, and how long it may take.
    private static final Set<String> TAKEN_OF_JOBS =
            Stream.concat(
                            TAKEN_OF_RUNS.stream(),
                            Stream.of(
                                    "id",
                                    "source",
                                    AGENT,
                                    INPUT,
                                    TermsReader.DEADLINE,
                                    TermsReader.TIMEOUT))
                    .collect(Collectors.toUnmodifiableSet());

    private RequestReader() {}

    /// Reads a chat completion request.
    ///
    /// @throws RefusedException if it cannot be run as it stands
    static Ask chat(Buffer body) {
        Field root = root(body);
        boolean stream = root.at("stream").flag();
        ChatFormat format = new ChatFormat(streamedUsage(root.at("stream_options"), stream));
        return ask(
                root,
                TAKEN,
                TermsReader.chat(root),
                stream ? new Delivery.Streamed(format) : new Delivery.Whole(format));
    }

    /// Reads a request for a run of which `events` is the stream.
    ///
    /// @throws RefusedException if it cannot be run as it stands
    static Ask run(Buffer body, Dialect.Format events) {
        Field root = root(body);
        return ask(
                root,
                TAKEN_OF_RUNS,
                TermsReader.run(root),
                root.at("stream").flag() ? new Delivery.Streamed(events) : new Delivery.Receipt());
    }

    /// Reads a job, which names the agent and its input, a text or messages, in words of its own.
    ///
    /// @throws RefusedException if it cannot be run as it stands
    static Ask job(JsonNode job) {
        Field root = Field.root(job);
        refuse(root.at("model"), AGENT);
        refuse(root.at("messages"), INPUT);
        return new Ask(
                root.at(AGENT).nonEmptyString(),
                input(root.at(INPUT)),
                ToolReader.read(root.at("tools")),
                Parameters.read(root, TAKEN_OF_JOBS),
                TermsReader.job(root),
                new Delivery.Receipt());
    }

    private static void refuse(Field field, String successor) {
        if (!field.absent()) {
            throw field.unsupported(
                    "unsupported_parameter",
                    "Unsupported parameter: '%s' is not a job's. Use '%s' instead."
                            .formatted(field.path(), successor));
        }
    }

    private static List<Message> input(Field input) {
        if (input.value().isString()) {
            return List.of(Message.text(Message.Role.USER, input.nonEmptyString()));
        }
        input.expect(input.value().isArray(), "one of a string or an array of messages");
        return MessageReader.read(input);
    }

    private static Ask ask(Field root, Set<String> taken, Ask.Terms terms, Delivery delivery) {
        return new Ask(
                root.at("model").nonEmptyString(),
                MessageReader.read(root.at("messages")),
                ToolReader.read(root.at("tools")),
                Parameters.read(root, taken),
                terms,
                delivery);
    }

    private static Field root(Buffer body) {
        Field root = Field.root(json(body));
        if (!root.value().isObject()) {
            throw unparseable("Expected an object, but got " + Field.kind(root.value()) + ".");
        }
        return root;
    }

    private static boolean streamedUsage(Field options, boolean stream) {
        if (options.absent()) {
            return false;
        }
        options.object();
        if (!stream) {
            throw new RefusedException(
                    "stream_options",
                    "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                    null);
        }
        return options.at("include_usage").flag();
    }

    private static JsonNode json(Buffer body) {
        try {
            return ClientJson.read(body.getBytes());
        } catch (ClientJson.MalformedException e) {
            throw unparseable(e.problem());
        }
    }

    private static RefusedException unparseable(String why) {
        return new RefusedException(
                null, "We could not parse the JSON body of your request. " + why, null);
    }
}
