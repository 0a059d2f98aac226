package dev.sluice.gateway.dialect.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.RunEvent;
import dev.sluice.gateway.dialect.Dialect;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

final class TurnResetTest {
    private static final RunEvent.TurnReset RESET = new RunEvent.TurnReset(2);

    private static boolean survives(List<RunEvent> before) {
        Dialect.Stream stream = new ChatFormat(false).stream(Runs.RUN, "demo", Runs.CREATED);
        before.forEach(event -> stream.frames(Runs.reply(event)));
        return stream.survives(RESET);
    }

    static List<RunEvent> said() {
        return List.of(
                new RunEvent.TextDelta(2, "x"),
                new RunEvent.ReasoningDelta(2, "x"),
                new RunEvent.RefusalDelta(2, "x"),
                new RunEvent.ToolCallDelta(2, 0, "call_a", "f", ""),
                new RunEvent.ProviderDelta(
                        2, Runs.fields("{\"x\":1}"), java.util.Map.of(), java.util.Map.of()));
    }

    @ParameterizedTest
    @MethodSource("said")
    void aStreamThatHasToldOfTheTurnCannotTakeItBack(RunEvent said) {
        assertThat(survives(List.of(new RunEvent.TextDelta(1, "a"), said))).isFalse();
    }

    @Test
    void aStreamThatHasToldNothingOfItGoesOn() {
        assertThat(survives(List.of())).isTrue();
        assertThat(survives(List.of(new RunEvent.TextDelta(1, "a")))).isTrue();
        assertThat(survives(List.of(new RunEvent.TextDelta(2, "")))).isTrue();
    }

    @Test
    void aWholeAnswerHoldsNothingOfWhatIsVoid() {
        JsonNode whole =
                Runs.whole(
                        new RunEvent.TextDelta(1, "one"),
                        new RunEvent.TextDelta(2, "void"),
                        new RunEvent.ReasoningDelta(2, "void"),
                        new RunEvent.ToolCallDelta(2, 0, "call_a", "void", "{"),
                        Runs.provided("{}", Runs.logprobs("kept")),
                        new RunEvent.ProviderDelta(
                                2,
                                java.util.Map.of(),
                                Runs.fields(Runs.logprobs("void")),
                                java.util.Map.of()),
                        RESET,
                        new RunEvent.TextDelta(2, "two"),
                        Runs.STOP);

        assertThat(whole.at("/choices/0/message/content").asString()).isEqualTo("one\n\ntwo");
        assertThat(whole.toString()).contains("kept").doesNotContain("void");
    }

    @Test
    void aWholeAnswerSurvivesTheResetOfItsFirstTurn() {
        JsonNode whole =
                Runs.whole(
                        new RunEvent.TextDelta(1, "void"),
                        new RunEvent.TurnReset(1),
                        new RunEvent.TextDelta(1, "told"),
                        Runs.STOP);

        assertThat(whole.at("/choices/0/message/content").asString()).isEqualTo("told");
    }
}
