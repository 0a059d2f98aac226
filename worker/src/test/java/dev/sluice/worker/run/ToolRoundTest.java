package dev.sluice.worker.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.ContentPart.ToolResult;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.worker.run.ScriptedTurns.Call;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class ToolRoundTest {
    private final RecordingJournal journal = new RecordingJournal();
    private final Map<String, Tool> tools = new LinkedHashMap<>();
    private Permit permit = () -> {};

    private void tool(String name, FakeTool.Body body) {
        tools.put(name, new FakeTool(name, body));
    }

    private List<ToolResult> call(ToolCall... calls) throws InterruptedException {
        return new ToolRound(RunId.at(1), null, tools, journal, permit).call(1, List.of(calls));
    }

    private static ToolCall to(String tool, String id, String arguments) {
        return new ToolCall(id, tool, arguments, null, Map.of());
    }

    private static String text(ToolResult result) {
        return result.content().toString();
    }

    @Test
    void theCallsOfATurnRunAtOnce() throws InterruptedException {
        CyclicBarrier all = new CyclicBarrier(3);
        tool(
                "meet",
                (_, _) -> {
                    try {
                        all.await(10, TimeUnit.SECONDS);
                    } catch (java.util.concurrent.BrokenBarrierException
                            | java.util.concurrent.TimeoutException e) {
                        return Tool.Output.error("alone");
                    }
                    return FakeTool.text("met");
                });

        assertThat(call(to("meet", "a", "{}"), to("meet", "b", "{}"), to("meet", "c", "{}")))
                .containsExactly(
                        ToolResult.text("a", "met", false),
                        ToolResult.text("b", "met", false),
                        ToolResult.text("c", "met", false));
    }

    @Test
    void resultsKeepTheCallsOrderAndAreToldAsTheyCome() throws InterruptedException {
        CountDownLatch secondWasTold = new CountDownLatch(1);
        tool(
                "slow",
                (_, _) -> {
                    assertThat(secondWasTold.await(10, TimeUnit.SECONDS)).isTrue();
                    return FakeTool.text("slow");
                });
        tool("fast", (_, _) -> FakeTool.text("fast"));
        Journal telling =
                new Journal() {
                    @Override
                    public void tell(RunEvent event) {
                        journal.tell(event);
                        secondWasTold.countDown();
                    }

                    @Override
                    public void flush() {
                        throw new AssertionError("a tool has no pieces");
                    }

                    @Override
                    public void commit(RunEvent event) {
                        throw new AssertionError("a tool result is not waited for");
                    }
                };

        List<ToolResult> results =
                new ToolRound(RunId.at(1), null, tools, telling, permit)
                        .call(1, List.of(to("slow", "a", "{}"), to("fast", "b", "{}")));

        assertThat(results).extracting(ToolResult::callId).containsExactly("a", "b");
        assertThat(journal.events(RunEvent.ToolCompleted.class))
                .extracting(RunEvent.ToolCompleted::tool)
                .containsExactly("fast", "slow");
    }

    @Test
    void anUnknownToolIsAResultThatNamesTheKnownOnes() throws InterruptedException {
        tools.put("clock", FakeTool.echo("clock"));
        tools.put("sum", FakeTool.echo("sum"));

        ToolResult result = call(to("clok", "a", "{}")).getFirst();

        assertThat(result.error()).isTrue();
        assertThat(text(result)).contains("no tool clok", "clock, sum");
        assertThat(journal.events(RunEvent.ToolCompleted.class)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":", "[]", "null", "7", "{} {}", "plain"})
    void argumentsThatAreNoJsonObjectAreAResult(String arguments) throws InterruptedException {
        tools.put("clock", FakeTool.echo("clock"));

        ToolResult result = call(to("clock", "a", arguments)).getFirst();

        assertThat(result.error()).isTrue();
        assertThat(text(result)).contains("clock must be a JSON object");
    }

    @Test
    void argumentsNestedBeyondMeasureAreAResult() throws InterruptedException {
        tools.put("clock", FakeTool.echo("clock"));

        assertThat(call(to("clock", "a", "{\"a\":".repeat(100_000))).getFirst().error()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "{}"})
    void noArgumentsAreAnEmptyObject(String arguments) throws InterruptedException {
        tools.put("clock", FakeTool.echo("clock"));

        assertThat(call(to("clock", "a", arguments)))
                .containsExactly(ToolResult.text("a", "clock {}", false));
    }

    @Test
    void aToolThatThrowsIsAResultThatTellsNothingOfIt() throws InterruptedException {
        tool(
                "broken",
                (_, _) -> {
                    throw new IllegalStateException("the password is swordfish");
                });

        ToolResult result = call(to("broken", "a", "{}")).getFirst();

        assertThat(result.error()).isTrue();
        assertThat(text(result)).contains("failed").doesNotContain("swordfish");
    }

    @Test
    void aToolIsToldWhoCalls() throws InterruptedException {
        AtomicReference<Tool.Invocation> told = new AtomicReference<>();
        tool(
                "who",
                (_, invocation) -> {
                    told.set(invocation);
                    return FakeTool.text("you");
                });
        RunId run = RunId.at(2);

        new ToolRound(run, null, tools, journal, permit).call(1, List.of(to("who", "a", "{}")));

        assertThat(told).hasValue(new Tool.Invocation(run, "a", null));
    }

    @Test
    void eachCallAsksForItsPermit() throws InterruptedException {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger permitted = new AtomicInteger();
        permit =
                () -> {
                    asked.incrementAndGet();
                    permitted.incrementAndGet();
                };
        tool(
                "clock",
                (_, _) -> FakeTool.text(permitted.getAndDecrement() > 0 ? "noon" : "too early"));

        assertThat(call(to("clock", "a", "{}"), to("clock", "b", "{}"), to("none", "c", "{}")))
                .extracting(ToolRoundTest::text)
                .filteredOn(text -> text.contains("noon"))
                .hasSize(2);
        assertThat(asked).hasValue(2);
    }

    @Test
    void aCallThatIsNotMadeAgainNeedsNoPermit() throws InterruptedException {
        permit =
                () -> {
                    throw new AssertionError("nothing begins");
                };
        tools.put("clock", FakeTool.echo("clock"));
        ToolResult known = ToolResult.text("a", "noon", false);

        assertThat(
                        new ToolRound(RunId.at(1), null, tools, journal, permit)
                                .resume(
                                        1,
                                        List.of(to("clock", "a", "{}"), to("clock", "b", "{}")),
                                        Map.of("a", known)))
                .startsWith(known)
                .last()
                .matches(ToolResult::error);
    }

    @Test
    void aPermitThatIsNeverGivenEndsTheRoundAsAStop() {
        permit =
                () -> {
                    throw new InterruptedException();
                };
        tools.put("clock", FakeTool.echo("clock"));

        assertThatThrownBy(() -> call(to("clock", "a", "{}")))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void noToolStartsBeforeTheTurnIsCommitted() throws InterruptedException {
        Trial trial = new Trial();
        CountDownLatch acknowledged = new CountDownLatch(1);
        CountDownLatch committing = new CountDownLatch(1);
        AtomicReference<List<RunEvent>> committedAtCall = new AtomicReference<>();
        trial.journal.commitBehind(() -> {
            committing.countDown();
            acknowledged.await();
        });
        trial.tools.add(
                new FakeTool(
                        "clock",
                        (_, _) -> {
                            committedAtCall.set(trial.journal.committed());
                            return FakeTool.text("noon");
                        }));
        trial.model
                .then(ScriptedTurns.calls(new Call("clock", "{}")))
                .then(ScriptedTurns.says("noon"));

        Thread run =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                trial.execute();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        assertThat(committing.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(committedAtCall).hasNullValue();
        acknowledged.countDown();
        run.join();

        assertThat(committedAtCall.get())
                .singleElement()
                .isInstanceOf(RunEvent.TurnCompleted.class);
    }
}
