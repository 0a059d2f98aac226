package dev.sluice.worker.run;

import static dev.sluice.worker.run.ScriptedTurns.COST;
import static dev.sluice.worker.run.ScriptedTurns.calls;
import static dev.sluice.worker.run.ScriptedTurns.ends;
import static dev.sluice.worker.run.ScriptedTurns.fails;
import static dev.sluice.worker.run.ScriptedTurns.says;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.config.AgentConfig.InstructionsMode;
import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.run.ScriptedTurns.Call;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.StringNode;

class ExecutionTest {
    private final Trial trial = new Trial();

    @BeforeEach
    void aRequest() {
        trial.user("hello");
        trial.tools.add(FakeTool.echo("clock"));
    }

    @Test
    void anAnswerEndsTheRunAfterOneTurn() throws InterruptedException {
        trial.model.then(says("hi"));

        assertThat(trial.execute()).isEqualTo(new RunEvent.RunCompleted(FinishReason.STOP, COST));
        assertThat(trial.journal.events())
                .containsExactly(
                        new RunEvent.TextDelta(1, "hi"),
                        new RunEvent.TurnCompleted(
                                1,
                                Message.text(Message.Role.ASSISTANT, "hi"),
                                FinishReason.STOP,
                                COST,
                                "model-1"));
    }

    @Test
    void aToolRoundLeadsToTheNextTurnAndUsageIsSummed() throws InterruptedException {
        trial.model.then(calls(new Call("clock", "{\"zone\":\"UTC\"}"))).then(says("noon"));

        assertThat(trial.execute())
                .isEqualTo(new RunEvent.RunCompleted(FinishReason.STOP, COST.plus(COST)));
        assertThat(trial.journal.events())
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("TurnCompleted", "ToolCompleted", "TextDelta", "TurnCompleted");
        assertThat(trial.journal.events(RunEvent.TurnCompleted.class))
                .extracting(RunEvent.TurnCompleted::turn)
                .containsExactly(1, 2);
    }

    @Test
    void parallelCallsAreReplayedInOneMessageWithTheirResultsInOrder() throws InterruptedException {
        trial.tools.add(FakeTool.echo("sum"));
        trial.model
                .then(calls(new Call("sum", "{\"a\":1}"), new Call("clock", "{}")))
                .then(says("done"));

        trial.execute();

        List<Message> replayed = trial.lastConversation();
        assertThat(replayed)
                .extracting(Message::role)
                .containsExactly(Message.Role.USER, Message.Role.ASSISTANT, Message.Role.TOOL);
        assertThat(replayed.get(1).toolCalls())
                .extracting(ContentPart.ToolCall::name)
                .containsExactly("sum", "clock");
        assertThat(replayed.get(2).parts(ContentPart.ToolResult.class))
                .containsExactly(
                        ContentPart.ToolResult.text(
                                replayed.get(1).toolCalls().get(0).id(), "sum {\"a\":1}", false),
                        ContentPart.ToolResult.text(
                                replayed.get(1).toolCalls().get(1).id(), "clock {}", false));
    }

    @Test
    void callIdsAreUniqueOverTheTurnsOfARun() throws InterruptedException {
        trial.model
                .then(calls(new Call("clock", "{}"), new Call("clock", "{}")))
                .then(calls(new Call("clock", "{}")))
                .then(says("done"));

        trial.execute();

        assertThat(trial.journal.events(RunEvent.ToolCompleted.class))
                .extracting(event -> event.result().callId())
                .hasSize(3)
                .doesNotHaveDuplicates()
                .allMatch(CallIds::ours)
                .allMatch(id -> id.length() <= 40);
    }

    @Test
    void afterTheLastTurnThatMayCallToolsOneWithoutToolsForcesAnAnswer()
            throws InterruptedException {
        trial.maxTurns = 2;
        trial.model
                .then(calls(new Call("clock", "{}")))
                .then(calls(new Call("clock", "{}")))
                .then(says("enough"));

        assertThat(trial.execute()).isInstanceOf(RunEvent.RunCompleted.class);
        assertThat(trial.model.prompts())
                .extracting(prompt -> prompt.tools().size())
                .containsExactly(1, 1, 0);
    }

    @Test
    void callsThatTheLastTurnMakesUnaskedAreNotExecuted() throws InterruptedException {
        AtomicInteger called = new AtomicInteger();
        trial.tools.set(
                0,
                new FakeTool("clock", (_, _) -> FakeTool.text("call " + called.incrementAndGet())));
        trial.maxTurns = 1;
        trial.model
                .then(calls(new Call("clock", "{}")))
                .then(ends(FinishReason.TOOL_CALLS, "well", new Call("clock", "{}")));

        assertThat(trial.execute())
                .isEqualTo(new RunEvent.RunCompleted(FinishReason.STOP, COST.plus(COST)));
        assertThat(called).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"LENGTH", "CONTENT_FILTER"})
    void theReasonOfTheLastTurnIsTheRunsReason(FinishReason reason) throws InterruptedException {
        trial.model.then(ends(reason, "once upon"));

        assertThat(trial.execute()).isEqualTo(new RunEvent.RunCompleted(reason, COST));
    }

    @Test
    void aCallThatTheLimitCutIsNotExecutedAndEndsTheRun() throws InterruptedException {
        trial.model.then(ends(FinishReason.LENGTH, "", new Call("clock", "{\"zo")));

        assertThat(trial.execute()).isEqualTo(new RunEvent.RunCompleted(FinishReason.LENGTH, COST));
        assertThat(trial.journal.events(RunEvent.ToolCompleted.class)).isEmpty();
    }

    @Test
    void eachTurnAndEachCallAsksForItsPermit() throws InterruptedException {
        List<String> order = new CopyOnWriteArrayList<>();
        trial.permit = () -> order.add("permit");
        trial.tools.set(
                0,
                new FakeTool(
                        "clock",
                        (_, _) -> {
                            order.add("tool");
                            return FakeTool.text("noon");
                        }));
        trial.model
                .then((prompt, deltas) -> {
                    order.add("turn");
                    return calls(new Call("clock", "{}")).take(prompt, deltas);
                })
                .then((prompt, deltas) -> {
                    order.add("turn");
                    return says("noon").take(prompt, deltas);
                });

        trial.execute();

        assertThat(order).containsExactly("permit", "turn", "permit", "tool", "permit", "turn");
    }

    @Test
    void aFailureKeepsWhatTheTurnsBeforeItCost() throws InterruptedException {
        Failure failure = new Failure.UpstreamCut("provider");
        trial.model
                .then(calls(new Call("clock", "{}")))
                .then(fails(failure, new Usage(5, 0, 0, 0)));
        Execution execution = trial.prepare();

        assertThat(execution.execute())
                .isEqualTo(new RunEvent.RunFailed(failure, new Usage(15, 3, 2, 1)));
        assertThat(execution.usage()).isEqualTo(new Usage(15, 3, 2, 1));
    }

    @Test
    void anUnknownAgentFailsTheRun() throws InterruptedException {
        trial.agent = "nobody";

        assertThat(trial.execute())
                .isEqualTo(new RunEvent.RunFailed(new Failure.AgentNotFound("nobody"), Usage.NONE));
        assertThat(trial.model.prompts()).isEmpty();
    }

    @Test
    void anUnavailableToolSourceFailsTheRunByName() throws InterruptedException {
        trial.toolbox = () -> new Toolbox.Opened.Unavailable("search");

        assertThat(trial.execute())
                .isEqualTo(
                        new RunEvent.RunFailed(
                                new Failure.ToolSourceUnavailable("search"), Usage.NONE));
        assertThat(trial.model.prompts()).isEmpty();
    }

    @Test
    void aClientToolOfTheSameNameAsTheAgentsIsRefusedByItsPlace() throws InterruptedException {
        trial.clientTool("mine");
        trial.clientTool("clock");

        assertThat(trial.execute())
                .isInstanceOfSatisfying(
                        RunEvent.RunFailed.class,
                        failed ->
                                assertThat(failed.failure())
                                        .isInstanceOfSatisfying(
                                                Failure.InvalidRequest.class,
                                                invalid -> {
                                                    assertThat(invalid.param())
                                                            .isEqualTo("tools[1].function.name");
                                                    assertThat(invalid.problem())
                                                            .contains("'clock'");
                                                }));
        assertThat(trial.model.prompts()).isEmpty();
    }

    @Test
    void aForcedToolChoiceIsForTheFirstTurnOnly() throws InterruptedException {
        trial.parameters.put("tool_choice", StringNode.valueOf("required"));
        trial.parameters.put("seed", IntNode.valueOf(7));
        trial.model.then(calls(new Call("clock", "{}"))).then(says("noon"));

        trial.execute();

        assertThat(trial.model.prompts().get(0).parameters())
                .containsEntry("tool_choice", StringNode.valueOf("required"));
        assertThat(trial.model.prompts().get(1).parameters())
                .doesNotContainKey("tool_choice")
                .containsEntry("seed", IntNode.valueOf(7));
    }

    @Test
    void toolChoiceNoneStaysForEveryTurn() {
        trial.parameters.put("tool_choice", StringNode.valueOf("none"));

        assertThat(Parameters.afterTools(trial.parameters))
                .containsEntry("tool_choice", StringNode.valueOf("none"));
    }

    @Test
    void theClientsTokenLimitBeatsTheAgentsByEitherName() throws InterruptedException {
        trial.agentParameters.put("max_tokens", IntNode.valueOf(100));
        trial.agentParameters.put("temperature", IntNode.valueOf(1));
        trial.parameters.put("max_completion_tokens", IntNode.valueOf(50));
        trial.model.then(says("hi"));

        trial.execute();

        assertThat(trial.model.prompts().getFirst().parameters())
                .containsOnlyKeys("temperature", "max_completion_tokens")
                .containsEntry("max_completion_tokens", IntNode.valueOf(50));
    }

    @Test
    void theAgentsTokenLimitHoldsWhereTheClientHasNone() throws InterruptedException {
        trial.agentParameters.put("max_tokens", IntNode.valueOf(100));
        trial.parameters.put("temperature", IntNode.valueOf(0));
        trial.model.then(says("hi"));

        trial.execute();

        assertThat(trial.model.prompts().getFirst().parameters())
                .containsEntry("max_tokens", IntNode.valueOf(100))
                .containsEntry("temperature", IntNode.valueOf(0));
    }

    @Test
    void theAgentsInstructionsComeBeforeTheClients() throws InterruptedException {
        trial.instructions = "agent's";
        trial.messages.addFirst(Message.text(Message.Role.DEVELOPER, "client's"));
        trial.model.then(says("hi"));

        trial.execute();

        assertThat(trial.lastConversation())
                .extracting(Message::text)
                .containsExactly("agent's", "client's", "hello");
        assertThat(trial.lastConversation().getFirst().role()).isEqualTo(Message.Role.SYSTEM);
    }

    @Test
    void theClientsInstructionsMayReplaceTheAgents() throws InterruptedException {
        trial.instructions = "agent's";
        trial.mode = InstructionsMode.REPLACE_IF_PRESENT;
        trial.messages.addFirst(Message.text(Message.Role.SYSTEM, "client's"));
        trial.model.then(says("hi"));

        trial.execute();

        assertThat(trial.lastConversation())
                .extracting(Message::text)
                .containsExactly("client's", "hello");
    }

    @Test
    void instructionsThatMayBeReplacedStayWhereTheClientHasNone() throws InterruptedException {
        trial.instructions = "agent's";
        trial.mode = InstructionsMode.REPLACE_IF_PRESENT;
        trial.model.then(says("hi"));

        trial.execute();

        assertThat(trial.lastConversation())
                .extracting(Message::text)
                .containsExactly("agent's", "hello");
    }

    @Test
    void aLostJournalEndsTheAttemptBeforeTheToolsOfTheTurn() {
        AtomicInteger called = new AtomicInteger();
        trial.tools.set(
                0,
                new FakeTool("clock", (_, _) -> FakeTool.text("call " + called.incrementAndGet())));
        trial.journal.lose(RunEvent.TurnCompleted.class::isInstance);
        trial.model.then(calls(new Call("clock", "{}")));

        assertThatThrownBy(trial::execute).isInstanceOf(Journal.LostException.class);
        assertThat(called).hasValue(0);
        assertThat(trial.model.prompts()).hasSize(1);
    }

    @Test
    void aJournalThatIsLostInAToolRoundEndsTheAttempt() {
        trial.journal.lose(RunEvent.ToolCompleted.class::isInstance);
        trial.model.then(calls(new Call("clock", "{}"))).then(says("noon"));

        assertThatThrownBy(trial::execute).isInstanceOf(Journal.LostException.class);
        assertThat(trial.model.prompts()).hasSize(1);
    }
}
