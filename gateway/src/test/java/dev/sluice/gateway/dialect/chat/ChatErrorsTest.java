package dev.sluice.gateway.dialect.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.Failure.Unavailable.Reason;
import dev.sluice.common.run.Failure.UpstreamTimedOut.Phase;
import dev.sluice.common.run.Json;
import dev.sluice.gateway.dialect.Dialect.ErrorResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

final class ChatErrorsTest {
    private static final String INVALID = "invalid_request_error";
    private static final Duration SHORTLY = Duration.ofMillis(1200);

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new Failure.InvalidRequest("n", "No."), 400, INVALID, null),
                Arguments.of(new Failure.InvalidRequest("n", "No.", "c"), 400, INVALID, "c"),
                Arguments.of(new Failure.Unauthenticated(true), 401, INVALID, "invalid_api_key"),
                Arguments.of(new Failure.Unauthenticated(false), 401, INVALID, "invalid_api_key"),
                Arguments.of(new Failure.AgentNotFound("x"), 404, INVALID, "model_not_found"),
                Arguments.of(
                        new Failure.NotPermitted("admin"),
                        403,
                        INVALID,
                        "insufficient_permissions"),
                Arguments.of(new Failure.RouteNotFound("/x"), 404, INVALID, "unknown_url"),
                Arguments.of(
                        new Failure.MethodNotAllowed("PUT", List.of("GET", "POST")),
                        405,
                        INVALID,
                        "method_not_supported"),
                Arguments.of(new Failure.BodyTooLarge(8), 413, INVALID, "request_too_large"),
                Arguments.of(
                        new Failure.UnsupportedMediaType("text/plain"),
                        415,
                        INVALID,
                        "unsupported_content_type"),
                Arguments.of(
                        new Failure.RunNotFound("run_x", Duration.ofHours(24)),
                        404,
                        INVALID,
                        "run_not_found"),
                Arguments.of(
                        new Failure.IdempotencyConflict(),
                        422,
                        "idempotency_error",
                        "idempotency_key_reused"),
                Arguments.of(
                        new Failure.CutShort("run_x", Failure.CutShort.Cause.SHUTTING_DOWN),
                        503,
                        "server_error",
                        "shutting_down"),
                Arguments.of(
                        new Failure.CutShort("run_x", Failure.CutShort.Cause.TURN_RESET),
                        500,
                        "server_error",
                        "turn_reset"),
                Arguments.of(
                        new Failure.CutShort("run_x", Failure.CutShort.Cause.FAULT),
                        500,
                        "server_error",
                        "stream_broken"),
                Arguments.of(
                        new Failure.Overdue("run_x", "queued"),
                        504,
                        "server_error",
                        "deadline_exceeded"),
                Arguments.of(
                        new Failure.RateLimited(60, SHORTLY),
                        429,
                        "requests",
                        "rate_limit_exceeded"),
                Arguments.of(
                        new Failure.UpstreamRateLimited("p", SHORTLY),
                        429,
                        "upstream_error",
                        "rate_limit_exceeded"),
                Arguments.of(
                        new Failure.Unavailable(Reason.TOO_MANY_WAITING, SHORTLY),
                        503,
                        "server_error",
                        "overloaded"),
                Arguments.of(
                        new Failure.Unavailable(Reason.WORKERS_BUSY, SHORTLY),
                        503,
                        "server_error",
                        "workers_busy"),
                upstream(new Failure.UpstreamFailed("p", 401), 502, "upstream_failed"),
                upstream(new Failure.UpstreamFailed("p", 504), 504, "upstream_failed"),
                upstream(new Failure.UpstreamUnreachable("p"), 502, "upstream_unreachable"),
                upstream(new Failure.UpstreamUnreadable("p"), 502, "upstream_unreadable"),
                upstream(new Failure.UpstreamCut("p"), 502, "upstream_cut"),
                upstream(
                        new Failure.UpstreamTimedOut("p", Phase.FIRST_TOKEN),
                        504,
                        "upstream_timeout"),
                upstream(
                        new Failure.ToolSourceUnavailable("clock"), 502, "tool_source_unavailable"),
                Arguments.of(
                        new Failure.DeadlineExceeded(), 504, "server_error", "deadline_exceeded"),
                Arguments.of(new Failure.Cancelled(), 409, INVALID, "run_cancelled"),
                Arguments.of(new Failure.WorkerLost(), 500, "server_error", "worker_lost"),
                Arguments.of(new Failure.Internal(), 500, "server_error", null));
    }

    private static Arguments upstream(Failure failure, int status, String code) {
        return Arguments.of(failure, status, "upstream_error", code);
    }

    private static ErrorResponse respond(Failure failure) {
        return new ChatDialect().error(failure, false);
    }

    private static JsonNode error(ErrorResponse response) {
        return Json.MAPPER.readTree(response.body().toString(UTF_8)).get("error");
    }

    @ParameterizedTest
    @MethodSource("failures")
    void everyFailureHasItsStatusTypeAndCodeInAWholeErrorBody(
            Failure failure, int status, String type, String code) {
        // When
        ErrorResponse response = respond(failure);
        // Then
        JsonNode error = error(response);
        assertThat(response.status()).isEqualTo(status);
        assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
        assertThat(error.get("type").asString()).isEqualTo(type);
        assertThat(error.get("code").asString(null)).isEqualTo(code);
        assertThat(error.get("message").asString()).isNotBlank();
        assertThat(response.headers())
                .containsEntry("content-type", "application/json")
                .allSatisfy((name, _) -> assertThat(name).isLowerCase());
    }

    @Test
    void everyKindOfFailureIsAmongThoseTried() {
        Set<Class<?>> tried = new HashSet<>();
        failures()
                .forEach(arguments ->
                        tried.add(Objects.requireNonNull(arguments.get()[0]).getClass()));
        assertThat(tried)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.asList(Failure.class.getPermittedSubclasses()));
    }

    @Test
    void theWordsAreOpenAis() {
        assertThat(error(respond(new Failure.AgentNotFound("x"))).toString())
                .isEqualTo(
                        """
                        {"message":"The model `x` does not exist or you do not have access to it.",\
                        "type":"invalid_request_error","param":null,"code":"model_not_found"}\
                        """);
        assertThat(error(respond(new Failure.InvalidRequest("n", "No."))).toString())
                .isEqualTo(
                        """
                        {"message":"No.","type":"invalid_request_error","param":"n","code":null}\
                        """);
        assertThat(
                        error(respond(new Failure.ToolSourceUnavailable("clock")))
                                .get("message")
                                .asString())
                .contains("`clock`");
    }

    @Test
    void aRunThatIsNotThereOrGoesOnIsNamed() {
        assertThat(
                        error(respond(new Failure.RunNotFound("run_x", Duration.ofHours(24))))
                                .get("message")
                                .asString())
                .isEqualTo(
                        "No run 'run_x' found. Runs are kept for 24 h after their end, for the key"
                                + " that started them.");
        assertThat(error(respond(new Failure.Overdue("run_x", "queued"))).get("message").asString())
                .contains("'run_x'", "'queued'", "/v1/runs/run_x");
        for (Failure.CutShort.Cause reason : Failure.CutShort.Cause.values()) {
            assertThat(
                            error(respond(new Failure.CutShort("run_x", reason)))
                                    .get("message")
                                    .asString())
                    .contains("/v1/runs/run_x");
        }
    }

    @Test
    void whenToTryAgainIsRoundedUpToWholeSecondsAndNeverZero() {
        assertThat(respond(new Failure.RateLimited(1, SHORTLY)).headers())
                .containsEntry("retry-after", "2");
        assertThat(respond(new Failure.UpstreamRateLimited("p", Duration.ofSeconds(7))).headers())
                .containsEntry("retry-after", "7");
        assertThat(respond(new Failure.UpstreamRateLimited("p", null)).headers())
                .doesNotContainKey("retry-after");
        assertThat(respond(new Failure.Unavailable(Reason.SHUTTING_DOWN, Duration.ZERO)).headers())
                .containsEntry("retry-after", "1");
    }

    @ParameterizedTest
    @EnumSource
    void onlyAnUnknownPublishIsNotToBeRetried(Reason reason) {
        ErrorResponse response = respond(new Failure.Unavailable(reason, SHORTLY));
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.headers().containsKey("x-should-retry"))
                .isEqualTo(reason == Reason.PUBLISH_UNKNOWN);
    }

    @Test
    void aRunThatHadActedOrWasCancelledIsNotToBeRetried() {
        assertThat(new ChatDialect().error(new Failure.UpstreamCut("p"), true).headers())
                .containsEntry("x-should-retry", "false");
        assertThat(respond(new Failure.Cancelled()).headers())
                .containsEntry("x-should-retry", "false");
        assertThat(respond(new Failure.UpstreamCut("p")).headers())
                .doesNotContainKey("x-should-retry");
    }

    @Test
    void theMethodsThatAreAllowedAreNamed() {
        assertThat(respond(new Failure.MethodNotAllowed("PUT", List.of("GET", "HEAD"))).headers())
                .containsEntry("allow", "GET, HEAD");
        assertThat(respond(new Failure.Unauthenticated(false)).headers())
                .containsEntry("www-authenticate", "Bearer");
    }

    @Test
    void aClientsOwnTextIsNotRepeatedAtLength() {
        assertThat(respond(new Failure.AgentNotFound("x".repeat(100_000))).body().length())
                .isLessThan(1000);
    }

    @Test
    void agentsAreListedAsModels() {
        Instant created = Instant.ofEpochSecond(7);
        String model =
                "{\"id\":\"a\\\"b\",\"object\":\"model\",\"created\":7,\"owned_by\":\"sluice\"}";
        assertThat(ModelList.one("a\"b", created)).hasToString(model);
        assertThat(ModelList.all(List.of("a\"b"), created))
                .hasToString("{\"object\":\"list\",\"data\":[" + model + "]}");
        assertThat(ModelList.all(List.of(), created))
                .hasToString("{\"object\":\"list\",\"data\":[]}");
    }
}
