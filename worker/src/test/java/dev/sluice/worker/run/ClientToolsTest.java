package dev.sluice.worker.run;

import static dev.sluice.worker.run.ScriptedTurns.COST;
import static dev.sluice.worker.run.ScriptedTurns.calls;
import static dev.sluice.worker.run.ScriptedTurns.ends;
import static dev.sluice.worker.run.ScriptedTurns.says;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.ContentPart;
import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.ContentPart.ToolResult;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.worker.run.ScriptedTurns.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientToolsTest {
    private final KeptInMemory kept = new KeptInMemory();
    private final Trial first = trial();

    private Trial trial() {
        Trial trial = new Trial();
        trial.continuations = kept;
        trial.user("hello");
        trial.clientTool("ask");
        trial.clientTool("show");
        trial.tools.add(FakeTool.echo("clock"));
        return trial;
    }

    @BeforeEach
    void anotherRunId() {
        first.run = RunId.at(7);
    }

    /// The calls that the client saw of a run, put together from their pieces as a client does.
    private static List<ToolCall> seen(Trial trial) {
        List<ToolCall> calls = new ArrayList<>();
        for (RunEvent.ToolCallDelta delta : trial.journal.events(RunEvent.ToolCallDelta.class)) {
            if (delta.name() != null) {
                assertThat(delta.index()).isEqualTo(calls.size());
                calls.add(new ToolCall(delta.callId(), delta.name(), "", null, Map.of()));
            }
            ToolCall call = calls.get(delta.index());
            assertThat(delta.callId()).isEqualTo(call.id());
            calls.set(
                    delta.index(),
                    new ToolCall(
                            call.id(),
                            call.name(),
                            call.arguments() + delta.arguments(),
                            null,
                            Map.of()));
        }
        return calls;
    }

    /// The client's next request: what it saw, and the results of its own tools.
    private Trial next(Trial before) {
        Trial next = trial();
        List<ToolCall> calls = seen(before);
        next.messages.add(new Message(Message.Role.ASSISTANT, List.copyOf(calls)));
        for (ToolCall call : calls) {
            next.messages.add(
                    Message.results(List.of(ToolResult.text(call.id(), "client's", false))));
        }
        next.model.then(says("done"));
        return next;
    }

    @Test
    void callsOfTheClientsToolsAreToldWithTheirIndexesAndEndTheRun() throws InterruptedException {
        first.model.then(calls(new Call("ask", "{\"q\":1}"), new Call("show", "{}")));

        assertThat(first.execute())
                .isEqualTo(new RunEvent.RunCompleted(FinishReason.TOOL_CALLS, COST));
        assertThat(first.journal.events(RunEvent.ToolCallDelta.class))
                .extracting(
                        RunEvent.ToolCallDelta::index,
                        RunEvent.ToolCallDelta::name,
                        RunEvent.ToolCallDelta::arguments)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(0, "ask", ""),
                        org.assertj.core.groups.Tuple.tuple(0, null, "{\"q\":1}"),
                        org.assertj.core.groups.Tuple.tuple(1, "show", ""),
                        org.assertj.core.groups.Tuple.tuple(1, null, "{}"));
        assertThat(seen(first)).extracting(ToolCall::arguments).containsExactly("{\"q\":1}", "{}");
    }

    @Test
    void callsOfOurOwnToolsAreNotToldAndNotCounted() throws InterruptedException {
        first.model.then(calls(new Call("clock", "{}"), new Call("ask", "{}")));

        first.execute();

        assertThat(first.journal.events(RunEvent.ToolCallDelta.class))
                .extracting(RunEvent.ToolCallDelta::index)
                .containsOnly(0);
        assertThat(seen(first)).extracting(ToolCall::name).containsExactly("ask");
        assertThat(first.journal.events(RunEvent.ToolCompleted.class))
                .extracting(RunEvent.ToolCompleted::tool)
                .containsExactly("clock");
    }

    @Test
    void theModelIsOfferedBothKindsOfTools() throws InterruptedException {
        first.model.then(says("hi"));

        first.execute();

        assertThat(first.model.prompts().getFirst().tools())
                .extracting(tool -> tool.name())
                .containsExactly("clock", "ask", "show");
    }

    @Test
    void theNextRequestTakesUpWithAllThatTheClientNeverSaw() throws InterruptedException {
        first.model
                .then(calls(new Call("clock", "{\"n\":1}")))
                .then(
                        ends(
                                FinishReason.TOOL_CALLS,
                                "a moment",
                                new Call("clock", "{\"n\":2}"),
                                new Call("ask", "{}"),
                                new Call("show", "{}")));
        first.execute();

        Trial next = next(first);
        next.execute();

        List<Message> whole = next.lastConversation();
        assertThat(whole)
                .extracting(Message::role)
                .containsExactly(
                        Message.Role.USER,
                        Message.Role.ASSISTANT,
                        Message.Role.TOOL,
                        Message.Role.ASSISTANT,
                        Message.Role.TOOL,
                        Message.Role.TOOL,
                        Message.Role.TOOL);
        assertThat(whole.get(3).toolCalls())
                .extracting(ToolCall::name)
                .containsExactly("clock", "ask", "show");
        assertThat(whole.get(3).text()).isEqualTo("a moment");
        assertThat(whole.get(4).parts(ToolResult.class))
                .containsExactly(
                        ToolResult.text(
                                whole.get(3).toolCalls().getFirst().id(),
                                "clock {\"n\":2}",
                                false));
        assertThat(resultIds(whole))
                .containsExactlyInAnyOrderElementsOf(
                        whole.stream()
                                .flatMap(message -> message.toolCalls().stream())
                                .map(ToolCall::id)
                                .toList());
    }

    @Test
    void twoTurnsWithTheClientsToolsAreBothRestored() throws InterruptedException {
        first.model.then(calls(new Call("clock", "{}"), new Call("ask", "{}")));
        first.execute();
        Trial second = new Trial();
        second.continuations = kept;
        second.run = RunId.at(8);
        second.clientTools.addAll(first.clientTools);
        second.tools.addAll(first.tools);
        second.messages.addAll(next(first).messages);
        second.model.then(calls(new Call("clock", "{}"), new Call("show", "{}")));
        second.execute();

        Trial third = next(second);
        third.messages.addAll(1, second.messages.subList(1, second.messages.size()));
        third.execute();

        assertThat(third.lastConversation().stream().flatMap(m -> m.toolCalls().stream()))
                .extracting(ToolCall::name)
                .containsExactly("clock", "ask", "clock", "show");
        assertThat(resultIds(third.lastConversation())).hasSize(4).doesNotHaveDuplicates();
    }

    @Test
    void whereTheUnseenIsGoneTheModelIsToldThatTheOutcomeIsUnknown() throws InterruptedException {
        first.model.then(
                calls(new Call("clock", "{}"), new Call("ask", "{}"), new Call("show", "{}")));
        first.execute();
        seen(first).forEach(call -> kept.forget(call.id()));

        Trial next = next(first);
        next.execute();

        List<Message> told = next.lastConversation();
        assertThat(told).hasSize(4);
        assertThat(told.get(1).toolCalls())
                .extracting(ToolCall::name)
                .containsExactly("ask", "show");
        assertThat(told.get(2).toString()).doesNotContain("outcome is unknown");
        assertThat(told.get(3).toString()).contains("client's", "outcome is unknown");
    }

    @Test
    void ofTwoTurnsOnlyTheOneThatIsGoneIsMarked() throws InterruptedException {
        first.model.then(calls(new Call("clock", "{}"), new Call("ask", "{}")));
        first.execute();
        Trial second = trial();
        second.run = RunId.at(9);
        second.messages.addAll(next(first).messages.subList(1, 3));
        second.model.then(calls(new Call("clock", "{}"), new Call("show", "{}")));
        second.execute();
        kept.forget(seen(first).getFirst().id());

        Trial third = next(second);
        third.messages.addAll(1, second.messages.subList(1, second.messages.size()));
        third.execute();

        List<Message> told = third.lastConversation();
        assertThat(told.stream().filter(message -> message.toString().contains("is unknown")))
                .singleElement()
                .satisfies(message ->
                        assertThat(message.parts(ToolResult.class))
                                .extracting(ToolResult::callId)
                                .containsExactly(seen(first).getFirst().id()));
        assertThat(told.stream().flatMap(m -> m.toolCalls().stream()))
                .extracting(ToolCall::name)
                .containsExactly("ask", "clock", "show");
    }

    @Test
    void anotherKeyDoesNotSeeWhatWasKept() throws InterruptedException {
        first.model.then(calls(new Call("clock", "{}"), new Call("ask", "{}")));
        first.execute();

        Trial next = next(first);
        next.key = "other";
        next.execute();

        assertThat(next.lastConversation().stream().flatMap(m -> m.toolCalls().stream()))
                .extracting(ToolCall::name)
                .containsExactly("ask");
    }

    @Test
    void callsThatAreNotOursAreLeftAsTheyCame() throws InterruptedException {
        Trial trial = trial();
        trial.messages.add(
                new Message(
                        Message.Role.ASSISTANT,
                        List.of(new ToolCall("call_abc", "ask", "{}", null, Map.of()))));
        trial.messages.add(
                Message.results(List.of(ToolResult.text("call_abc", "client's", false))));
        trial.model.then(says("done"));

        trial.execute();

        assertThat(trial.lastConversation()).isEqualTo(trial.messages);
    }

    @Test
    void nothingIsKeptOfARunThatEndsWithAnAnswer() throws InterruptedException {
        first.model.then(calls(new Call("clock", "{}"))).then(says("noon"));

        first.execute();

        assertThat(kept.size()).isZero();
    }

    private static List<String> resultIds(List<Message> messages) {
        return messages.stream()
                .flatMap(message -> message.parts(ContentPart.ToolResult.class))
                .map(ToolResult::callId)
                .toList();
    }
}
