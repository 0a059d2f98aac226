package dev.sluice.common.config;

import dev.sluice.common.config.binding.Checks;
import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// An upstream that serves models.
@Doc("An upstream that serves models.")
public record ProviderConfig(
        @Doc(
                        "The protocol it speaks: `openai` is OpenAI's Chat Completions API or any compatible one.")
                Kind kind,
        @Doc("The API's root, with its version: `https://api.openai.com/v1`.") URI baseUrl,
        @Doc("Sent as a bearer token. Absent for upstreams that want none.")
                @Nullable Secret apiKey,
        @Doc("Further headers of every call.") Map<String, Secret> headers,
        @Default("{}") Timeouts timeout,
        @Default("{}") Retries retry,
        @Doc("Fields laid over every request body, verbatim. No place for secrets.")
                Map<String, JsonNode> extraBody,
        @Doc("The most calls under way at once from one worker; further ones wait their turn.")
                @Default("512")
                int maxConnections,
        @Doc(
                        "Whether a conversation may end with the beginning of the answer, which the model"
                                + " then continues. A run that is taken up after a crash then goes on where"
                                + " its text broke off.")
                @Default("false")
                boolean prefill) {

    /// The protocols a provider may speak.
    public enum Kind {
        /// OpenAI's Chat Completions API, or a compatible one.
        OPENAI
    }

    /// How long a call may take, phase by phase.
    @Doc("How long a call may take, phase by phase.")
    public record Timeouts(
            @Doc("To open a connection.") @Default("5s") Duration connect,
            @Doc(
                            "From sending the request to the first piece of the answer: text, reasoning, a"
                                    + " tool call. Comments and empty chunks, which only keep the connection"
                                    + " alive, are none: a model that thinks unseen needs as long as it"
                                    + " thinks.")
                    @Default("3m")
                    Duration firstToken,
            @Doc(
                            "Between two pieces of the answer. Some providers hold a long tool call back"
                                    + " until it is complete.")
                    @Default("2m")
                    Duration betweenTokens,
            @Doc("The whole call.") @Default("10m") Duration total) {
        public Timeouts {
            new Checks()
                    .that(connect.isPositive(), "connect", "must be longer than 0")
                    .that(firstToken.isPositive(), "first_token", "must be longer than 0")
                    .that(betweenTokens.isPositive(), "between_tokens", "must be longer than 0")
                    .that(total.isPositive(), "total", "must be longer than 0")
                    .done();
        }
    }

    /// When a call that failed before its first token is tried again.
    @Doc(
            "When a call that failed before its first token (429, 5xx, no connection, or one that broke"
                    + " off) is tried again. One that took too long is not.")
    public record Retries(
            @Doc("Calls in all, the first one included.") @Default("3") int maxAttempts,
            @Doc("The wait before the second call; it doubles with each, and varies by a quarter.")
                    @Default("500ms")
                    Duration initialBackoff,
            @Doc("The longest wait. An upstream that asks for a longer one is not tried again.")
                    @Default("8s")
                    Duration maxBackoff) {
        public Retries {
            new Checks()
                    .that(
                            maxAttempts >= 1 && maxAttempts <= 20,
                            "max_attempts",
                            "must be between 1 and 20")
                    .that(initialBackoff.isPositive(), "initial_backoff", "must be longer than 0")
                    .that(
                            maxBackoff.compareTo(initialBackoff) >= 0,
                            "max_backoff",
                            "must not be shorter than initial_backoff",
                            "initial_backoff")
                    .done();
        }
    }

    public ProviderConfig {
        headers = FileOrder.copy(headers);
        extraBody = FileOrder.copy(extraBody);
        new Checks()
                .that(
                        apiKey == null || !apiKey.reveal().isBlank(),
                        "api_key",
                        "must not be blank; leave it out where the upstream wants none")
                .that(
                        ("http".equals(baseUrl.getScheme()) || "https".equals(baseUrl.getScheme()))
                                && baseUrl.getHost() != null,
                        "base_url",
                        "must be an http or https URL with a host")
                .that(
                        baseUrl.getRawUserInfo() == null,
                        "base_url",
                        "must not hold a user or a password: use headers")
                .that(
                        maxConnections >= 1 && maxConnections <= 100_000,
                        "max_connections",
                        "must be between 1 and 100000")
                .done();
    }
}
