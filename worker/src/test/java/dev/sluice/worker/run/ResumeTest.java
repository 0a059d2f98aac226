package dev.sluice.worker.run;

import static dev.sluice.worker.run.ScriptedTurns.COST;
import static dev.sluice.worker.run.ScriptedTurns.calls;
import static dev.sluice.worker.run.ScriptedTurns.ends;
import static dev.sluice.worker.run.ScriptedTurns.fails;
import static dev.sluice.worker.run.ScriptedTurns.says;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.ContentPart.ToolResult;
import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.RunCompleted;
import dev.sluice.common.run.RunEvent.ToolCompleted;
import dev.sluice.common.run.RunEvent.TurnCompleted;
import dev.sluice.common.run.RunEvent.TurnReset;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.run.ScriptedTurns.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ResumeTest {
    private static final Call NOON = new Call("clock", "{\"n\":1}");
    private static final Call LATER = new Call("clock", "{\"n\":2}");

    private final List<String> called = new CopyOnWriteArrayList<>();
    private final RunId run = RunId.at(7);
    private final KeptInMemory kept = new KeptInMemory();
    private boolean repeatable;

    private Trial trial() {
        Trial trial = new Trial();
        trial.continuations = kept;
        trial.run = run;
        trial.user("hello");
        trial.clientTool("ask");
        trial.tools.add(
                new FakeTool(
                        "clock",
                        repeatable,
                        (arguments, invocation) -> {
                            called.add(invocation.callId());
                            return FakeTool.text("clock " + arguments);
                        }));
        return trial;
    }

    /// What an attempt told that took these turns and never came to its end.
    private List<RunEvent> told(ScriptedTurns.Step... turns) throws InterruptedException {
        Trial first = trial();
        for (ScriptedTurns.Step turn : turns) {
            first.model.then(turn);
        }
        first.model.then(fails(new Failure.Internal(), Usage.NONE));
        first.execute();
        called.clear();
        return first.journal.events();
    }

    private Trial after(List<RunEvent> events) {
        Trial next = trial();
        next.history = Journaled.of(events);
        return next;
    }

    private static List<RunEvent> upTo(List<RunEvent> events, Class<? extends RunEvent> last) {
        List<RunEvent> head = new ArrayList<>();
        for (RunEvent event : events) {
            head.add(event);
            if (last.isInstance(event)) {
                return head;
            }
        }
        throw new AssertionError("no " + last);
    }

    private static List<ToolResult> results(List<Message> conversation) {
        return conversation.stream().flatMap(m -> m.parts(ToolResult.class)).toList();
    }

    @Test
    void anEmptyHistoryIsABeginning() throws InterruptedException {
        Trial next = after(List.of());
        next.model.then(says("hi"));

        assertThat(next.execute()).isEqualTo(new RunCompleted(FinishReason.STOP, COST));
    }

    @Test
    void completeTurnsAreNeitherTakenNorToldAgain() throws InterruptedException {
        Trial whole = trial();
        whole.model.then(calls(NOON)).then(calls(LATER)).then(says("done"));
        whole.execute();
        Trial next = after(told(calls(NOON), calls(LATER)));
        next.model.then(says("done"));
        Execution execution = next.prepare();
        assertThat(execution.usage()).isEqualTo(COST.plus(COST));

        assertThat(execution.execute())
                .isEqualTo(new RunCompleted(FinishReason.STOP, COST.plus(COST).plus(COST)));

        assertThat(next.lastConversation()).isEqualTo(whole.lastConversation());
        assertThat(next.model.prompts()).hasSize(1);
        assertThat(next.journal.events(TurnCompleted.class))
                .extracting(TurnCompleted::turn)
                .containsExactly(3);
        assertThat(next.journal.events(ToolCompleted.class)).isEmpty();
        assertThat(called).hasSize(0);
    }

    @Test
    void theTurnsThatMayCallToolsAreCountedOverAllAttempts() throws InterruptedException {
        Trial next = after(told(calls(NOON), calls(LATER)));
        next.maxTurns = 2;
        next.model.then(says("done"));

        next.execute();

        assertThat(next.model.prompts().getFirst().tools()).isEmpty();
    }

    @Test
    void aTurnThatIsTakenAgainGivesTheIdsThatItGaveBefore() throws InterruptedException {
        Trial whole = trial();
        whole.model.then(calls(NOON, LATER)).then(calls(NOON)).then(says("done"));
        whole.execute();
        Trial next = after(told(calls(NOON, LATER)));
        next.model.then(calls(NOON)).then(says("done"));

        next.execute();

        assertThat(next.lastConversation()).isEqualTo(whole.lastConversation());
    }

    @Test
    void callsOfTheClientTakeIdsAsWell() throws InterruptedException {
        List<RunEvent> before =
                told(
                        calls(NOON),
                        (prompt, deltas) -> {
                            deltas.toolCall(prompt.callIds().get(), "ask", "{\"q\"");
                            return new Model.Answer.Failed(new Failure.Internal(), Usage.NONE);
                        });
        Trial next = after(before);
        next.model.then(calls(new Call("ask", "{\"q\":1}")));

        next.execute();

        assertThat(next.journal.events())
                .first()
                .isInstanceOfSatisfying(
                        RunEvent.ToolCallDelta.class,
                        rest -> {
                            assertThat(rest.name()).isNull();
                            assertThat(rest.arguments()).isEqualTo(":1}");
                        });
        assertThat(next.journal.events(TurnReset.class)).isEmpty();
    }

    @Test
    void anAnswerWhoseEndIsMissingIsJustEnded() throws InterruptedException {
        Trial next = after(told(calls(NOON), ends(FinishReason.STOP, "noon")));
        next.toolbox = () -> new Toolbox.Opened.Unavailable("gone");

        assertThat(next.execute()).isEqualTo(new RunCompleted(FinishReason.STOP, COST.plus(COST)));
        assertThat(next.journal.events()).isEmpty();
    }

    @Test
    void aTurnThatWasCutIsJustEnded() throws InterruptedException {
        Trial next = after(told(ends(FinishReason.LENGTH, "", NOON)));
        next.toolbox = () -> new Toolbox.Opened.Unavailable("gone");

        assertThat(next.execute()).isEqualTo(new RunCompleted(FinishReason.LENGTH, COST));
        assertThat(next.journal.events()).isEmpty();
        assertThat(called).isEmpty();
    }

    @Test
    void aLastTurnThatCalledToolsUnaskedIsJustEnded() throws InterruptedException {
        Trial first = trial();
        first.maxTurns = 1;
        first.model.then(calls(NOON)).then(ends(FinishReason.TOOL_CALLS, "well", LATER));
        RunEvent end = first.execute();
        called.clear();
        Trial next = after(first.journal.events());
        next.maxTurns = 1;

        assertThat(next.execute()).isEqualTo(end);
        assertThat(called).isEmpty();
    }

    @Test
    void callsOfTheClientsAreKeptAgainAndEndTheRun() throws InterruptedException {
        Trial first = trial();
        first.model.then(calls(NOON, new Call("ask", "{}")));
        RunEvent end = first.execute();
        String id =
                first.journal
                        .events(TurnCompleted.class)
                        .getFirst()
                        .message()
                        .toolCalls()
                        .get(1)
                        .id();
        List<Message> unseen = kept.find("dev", List.of(id)).get(id);
        kept.forget(id);
        called.clear();
        Trial next = after(first.journal.events());
        next.toolbox = () -> new Toolbox.Opened.Unavailable("gone");

        assertThat(next.execute()).isEqualTo(end);

        assertThat(kept.find("dev", List.of(id))).containsEntry(id, unseen);
        assertThat(unseen).hasSize(2);
        assertThat(called).isEmpty();
    }

    @Test
    void aCallThatCameToItsEndIsNotMadeAgainThoughAnotherOfItsTurnDidNot()
            throws InterruptedException {
        repeatable = true;
        List<RunEvent> before = upTo(told(calls(NOON, LATER)), ToolCompleted.class);
        String done = ((ToolCompleted) before.getLast()).result().callId();
        Trial next = after(before);
        next.model.then(says("done"));

        next.execute();

        assertThat(called).hasSize(1).doesNotContain(done);
        assertThat(next.journal.events(ToolCompleted.class))
                .singleElement()
                .satisfies(told -> assertThat(told.result().callId()).isNotEqualTo(done));
        assertThat(results(next.lastConversation()))
                .extracting(ToolResult::callId)
                .containsExactlyElementsOf(
                        next.lastConversation().get(1).toolCalls().stream()
                                .map(ToolCall::id)
                                .toList());
        assertThat(results(next.lastConversation())).noneMatch(ToolResult::error);
    }

    @Test
    void aCallInFlightThatMayNotBeMadeTwiceIsUnknownToTheModel() throws InterruptedException {
        Trial next = after(upTo(told(calls(NOON)), TurnCompleted.class));
        next.model.then(says("done"));

        next.execute();

        assertThat(called).isEmpty();
        ToolResult result = results(next.lastConversation()).getFirst();
        assertThat(result.error()).isTrue();
        assertThat(result.content().toString()).contains("unknown", "went away");
        assertThat(next.journal.events(ToolCompleted.class))
                .singleElement()
                .satisfies(told -> assertThat(told.result()).isEqualTo(result));
    }

    @Test
    void callsThatCannotHaveBeenMadeAreNotUnknown() throws InterruptedException {
        Trial next =
                after(
                        upTo(
                                told(calls(new Call("clok", "{}"), new Call("clock", "[]"))),
                                TurnCompleted.class));
        next.model.then(says("done"));

        next.execute();

        assertThat(results(next.lastConversation()).get(0).content().toString())
                .contains("no tool clok");
        assertThat(results(next.lastConversation()).get(1).content().toString())
                .contains("must be a JSON object");
    }

    @Test
    void theTurnThatCalledIsNotWrittenAgainBeforeItsTools() throws InterruptedException {
        repeatable = true;
        Trial next = after(upTo(told(calls(NOON)), TurnCompleted.class));
        next.journal.commitBehind(() -> {
            throw new AssertionError("it is in the journal");
        });
        next.model.then(says("done"));

        next.execute();

        assertThat(called).hasSize(1);
    }

    @Test
    void whereToolsWereCalledTheTurnWasNotTheLastWhateverTheConfigurationSaysNow()
            throws InterruptedException {
        Trial next = after(told(calls(NOON), calls(LATER)));
        next.maxTurns = 1;
        next.model.then(says("done"));

        assertThat(next.execute())
                .isEqualTo(new RunCompleted(FinishReason.STOP, COST.plus(COST).plus(COST)));
    }

    @Test
    void whereverAWorkerDiesTheRunEndsAsIfItHadNot() throws InterruptedException {
        repeatable = true;
        Trial whole = turnsOf(trial(), 0);
        RunEvent end = whole.execute();
        List<RunEvent> events = whole.journal.events();
        for (int cut = 0; cut <= events.size(); cut++) {
            List<RunEvent> before = events.subList(0, cut);
            int taken = (int) before.stream().filter(TurnCompleted.class::isInstance).count();
            Trial next = turnsOf(after(before), taken);

            assertThat(next.execute()).as("cut at %d", cut).isEqualTo(end);

            List<RunEvent> log = new ArrayList<>(before);
            log.addAll(next.journal.events());
            assertThat(log).noneMatch(TurnReset.class::isInstance);
            assertThat(saidBy(log)).isEqualTo(saidBy(events));
            assertThat(steps(log)).as("cut at %d", cut).isEqualTo(steps(events));
        }
    }

    private static Trial turnsOf(Trial trial, int from) {
        List.of(
                        ends(FinishReason.TOOL_CALLS, "first", NOON, LATER),
                        ends(FinishReason.TOOL_CALLS, "second", LATER),
                        says("third"))
                .stream()
                .skip(from)
                .forEach(trial.model::then);
        return trial;
    }

    private static String saidBy(List<RunEvent> events) {
        return Reader.of(events).said();
    }

    private static Map<String, Object> steps(List<RunEvent> events) {
        Map<String, Object> steps = new TreeMap<>();
        for (RunEvent event : events) {
            if (event instanceof TurnCompleted turn) {
                assertThat(steps.put("turn " + turn.turn(), turn)).isNull();
            } else if (event instanceof ToolCompleted tool) {
                assertThat(steps.put(tool.result().callId(), tool.result())).isNull();
            }
        }
        return steps;
    }
}
