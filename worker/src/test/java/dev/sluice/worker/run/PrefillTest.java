package dev.sluice.worker.run;

import static dev.sluice.worker.run.ScriptedTurns.COST;
import static dev.sluice.worker.run.ScriptedTurns.says;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.ProviderDelta;
import dev.sluice.common.run.RunEvent.ReasoningDelta;
import dev.sluice.common.run.RunEvent.TextDelta;
import dev.sluice.common.run.RunEvent.TurnCompleted;
import dev.sluice.common.run.RunEvent.TurnReset;
import dev.sluice.worker.run.Model.Answer.Turn;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.IntNode;

class PrefillTest {
    private final Trial trial = new Trial();

    private List<RunEvent> resume(String says, RunEvent... told) throws InterruptedException {
        trial.user("hello");
        trial.history = Journaled.of(told);
        trial.model.takesPrefill = true;
        trial.model.then(says(says));
        trial.execute();
        return trial.journal.events();
    }

    @Test
    void theTextThatWasToldIsContinuedAndTheTurnHoldsAllOfIt() throws InterruptedException {
        List<RunEvent> told =
                resume(" upon a time", new TextDelta(1, "on"), new TextDelta(1, "ce"));

        assertThat(trial.lastConversation())
                .endsWith(Message.text(Message.Role.ASSISTANT, "once"))
                .hasSize(2);
        assertThat(told)
                .containsExactly(
                        new TextDelta(1, " upon a time"),
                        new TurnCompleted(
                                1,
                                Message.text(Message.Role.ASSISTANT, "once upon a time"),
                                FinishReason.STOP,
                                COST,
                                "model-1"));
    }

    @Test
    void aProvidersOwnFieldsAreNoObstacle() throws InterruptedException {
        ProviderDelta fields =
                new ProviderDelta(1, Map.of("tier", IntNode.valueOf(1)), Map.of(), Map.of());

        assertThat(resume(" upon", fields, new TextDelta(1, "once")))
                .startsWith(new TextDelta(1, " upon"));
    }

    @Test
    void whatIsNotTextAloneIsSaidAgain() throws InterruptedException {
        List<RunEvent> told = resume("twice", new ReasoningDelta(1, "hm"), new TextDelta(1, "on"));

        assertThat(trial.lastConversation()).hasSize(1);
        assertThat(told).startsWith(new TurnReset(1), new TextDelta(1, "twice"));
    }

    @Test
    void aTextThatEndsInWhiteSpaceIsSaidAgain() throws InterruptedException {
        List<RunEvent> told = resume("once upon", new TextDelta(1, "once "));

        assertThat(trial.lastConversation()).hasSize(1);
        assertThat(told).startsWith(new TextDelta(1, "upon"));
    }

    @Test
    void aModelThatTakesNoneIsGivenNone() throws InterruptedException {
        trial.user("hello");
        trial.history = Journaled.of(new TextDelta(1, "once"));
        trial.model.then(says("once upon"));

        trial.execute();

        assertThat(trial.lastConversation()).hasSize(1);
    }

    @Test
    void onlyTheTurnThatWasOpenIsContinued() throws InterruptedException {
        trial.user("hello");
        trial.tools.add(FakeTool.echo("clock"));
        trial.history = Journaled.of(new TextDelta(1, "a mo"));
        trial.model.takesPrefill = true;
        trial.model
                .then(
                        ScriptedTurns.ends(
                                FinishReason.TOOL_CALLS,
                                "ment",
                                new ScriptedTurns.Call("clock", "{}")))
                .then(says("noon"));

        trial.execute();

        assertThat(trial.lastConversation())
                .extracting(Message::role)
                .containsExactly(Message.Role.USER, Message.Role.ASSISTANT, Message.Role.TOOL);
        assertThat(trial.lastConversation().get(1).text()).isEqualTo("a moment");
    }

    @Test
    void theBeginningStandsBehindThoughtsAndBeforeAllElse() {
        Prefill prefill = new Prefill("once");

        assertThat(whole(prefill, new ContentPart.Reasoning("hm"), new ContentPart.Text(" upon")))
                .containsExactly(
                        new ContentPart.Reasoning("hm"), new ContentPart.Text("once upon"));
        ContentPart.ToolCall call = new ContentPart.ToolCall("id", "f", "{}", null, Map.of());
        assertThat(whole(prefill, call)).containsExactly(new ContentPart.Text("once"), call);
        assertThat(whole(prefill)).containsExactly(new ContentPart.Text("once"));
    }

    private static List<ContentPart> whole(Prefill prefill, ContentPart... continuation) {
        Message message = new Message(Message.Role.ASSISTANT, List.of(continuation));
        return prefill.before(new Turn(message, FinishReason.STOP, COST, "m")).message().content();
    }
}
