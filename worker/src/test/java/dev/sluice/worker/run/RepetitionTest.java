package dev.sluice.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.ProviderDelta;
import dev.sluice.common.run.RunEvent.ReasoningDelta;
import dev.sluice.common.run.RunEvent.TextDelta;
import dev.sluice.common.run.RunEvent.ToolCallDelta;
import dev.sluice.common.run.RunEvent.TurnReset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.IntNode;

class RepetitionTest {
    private final List<RunEvent> told = new ArrayList<>();

    private Repetition after(RunEvent... before) {
        return new Repetition(1, List.of(before), told::add);
    }

    private static RunEvent text(String text) {
        return new TextDelta(1, text);
    }

    private static RunEvent call(String id, @Nullable String name, String arguments) {
        return new ToolCallDelta(1, 0, id, name, arguments);
    }

    private static RunEvent fields(int value) {
        return new ProviderDelta(1, Map.of("tier", IntNode.valueOf(value)), Map.of(), Map.of());
    }

    @Test
    void whatRepeatsIsHeldBackAndTheRestIsTold() {
        Repetition repetition = after(text("once "), text("upon"));

        repetition.accept(text("on"));
        repetition.accept(text("ce up"));
        assertThat(told).isEmpty();
        repetition.accept(text("on a time"));
        repetition.accept(text(" there was"));
        repetition.end();

        assertThat(told).containsExactly(text(" a time"), text(" there was"));
    }

    @Test
    void theFirstDifferenceMakesTheOldVoidAndAllOfTheNewIsTold() {
        Repetition repetition = after(text("once upon"));

        repetition.accept(text("once "));
        repetition.accept(text("in"));
        repetition.accept(text(" a while"));
        repetition.end();

        assertThat(told)
                .containsExactly(new TurnReset(1), text("once "), text("in"), text(" a while"));
    }

    @Test
    void anAnswerThatEndsShortOfWhatWasToldMakesItVoid() {
        Repetition repetition = after(text("once upon"));

        repetition.accept(text("once"));
        assertThat(told).isEmpty();
        repetition.end();

        assertThat(told).containsExactly(new TurnReset(1), text("once"));
    }

    @Test
    void anAnswerThatSaysNothingMakesItVoid() {
        after(text("once")).end();

        assertThat(told).containsExactly(new TurnReset(1));
    }

    @Test
    void nothingPassesBeforeAllKindsAreRepeated() {
        Repetition repetition = after(new ReasoningDelta(1, "hm"), text("so"));

        repetition.accept(new ReasoningDelta(1, "hmm"));
        assertThat(told).isEmpty();
        repetition.accept(text("so it"));

        assertThat(told).containsExactly(new ReasoningDelta(1, "m"), text(" it"));
    }

    @Test
    void aKindThatWasNotToldBeforeIsNoDifference() {
        Repetition repetition = after(text("so"));

        repetition.accept(new ReasoningDelta(1, "hm"));
        repetition.accept(text("so"));

        assertThat(told).containsExactly(new ReasoningDelta(1, "hm"));
    }

    @Test
    void aCallIsRepeatedByItsIdItsNameAndItsArguments() {
        Repetition repetition = after(call("id", "ask", "{\"a"));

        repetition.accept(call("id", "ask", ""));
        repetition.accept(call("id", null, "{\"a\":1}"));
        repetition.end();

        assertThat(told).containsExactly(call("id", null, "\":1}"));
    }

    @Test
    void aCallWithoutArgumentsMustBeRepeatedToo() {
        Repetition repetition = after(call("id", "ask", ""));

        repetition.accept(text("no call"));
        repetition.end();

        assertThat(told).containsExactly(new TurnReset(1), text("no call"));
    }

    @Test
    void aCallOfAnotherToolIsADifference() {
        Repetition repetition = after(call("id", "ask", "{"));

        repetition.accept(call("id", "show", "{"));

        assertThat(told).containsExactly(new TurnReset(1), call("id", "show", "{"));
    }

    @Test
    void aCallOfAnotherIdIsADifference() {
        Repetition repetition = after(call("id", "ask", "{"));

        repetition.accept(call("other", "ask", "{"));

        assertThat(told).containsExactly(new TurnReset(1), call("other", "ask", "{"));
    }

    @Test
    void aProvidersOwnFieldsAreNotToldTwice() {
        Repetition repetition = after(fields(1), text("on"), fields(2), text("ce"), fields(3));

        repetition.accept(fields(1));
        repetition.accept(text("once"));
        repetition.accept(fields(2));
        repetition.accept(text(" more"));
        repetition.accept(fields(4));

        assertThat(told).containsExactly(text(" more"), fields(4));
    }

    @Test
    void fieldsThatFollowTheRepetitionAreTold() {
        Repetition repetition = after(text("on"));

        repetition.accept(fields(1));
        repetition.accept(text("on"));
        repetition.accept(fields(2));

        assertThat(told).containsExactly(fields(2));
    }

    @Test
    void aProvidersOwnFieldsAreToldAgainAfterAReset() {
        Repetition repetition = after(fields(1), text("once"), fields(2));

        repetition.accept(fields(1));
        repetition.accept(text("twice"));
        repetition.accept(fields(2));

        assertThat(told).containsExactly(new TurnReset(1), fields(1), text("twice"), fields(2));
    }

    @Test
    void whereOnlyFieldsWereToldTheTextPassesAtOnce() {
        Repetition repetition = after(fields(1));

        repetition.accept(fields(1));
        repetition.accept(text("a"));
        repetition.end();

        assertThat(told).containsExactly(text("a"));
    }
}
