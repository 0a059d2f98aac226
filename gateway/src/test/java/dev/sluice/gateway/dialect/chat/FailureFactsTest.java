package dev.sluice.gateway.dialect.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.audit.FailureFacts;
import dev.sluice.common.run.Failure;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// What a failure is called on the audit stream is what its clients are told.
final class FailureFactsTest {
    @ParameterizedTest
    @MethodSource("dev.sluice.gateway.dialect.chat.ChatErrorsTest#failures")
    void aFailureHasOneName(Failure failure) {
        JsonNode code = ChatJson.error(failure).path("code");
        String named = FailureFacts.of(failure).code();

        switch (failure) {
            case Failure.Unavailable _ -> assertThat(named).isEqualTo("unavailable");
            case Failure.CutShort _ -> assertThat(named).isEqualTo("cut_short");
            case Failure.Internal _ -> assertThat(named).isEqualTo("internal_error");
            case Failure.InvalidRequest invalid when invalid.code() == null ->
                    assertThat(named).isEqualTo(FailureFacts.INVALID_REQUEST);
            default -> assertThat(named).isEqualTo(code.asString());
        }
    }
}
