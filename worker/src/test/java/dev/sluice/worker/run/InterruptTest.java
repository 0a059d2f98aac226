package dev.sluice.worker.run;

import static dev.sluice.worker.run.ScriptedTurns.calls;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.ContentPart.ToolCall;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.Message;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunId;
import dev.sluice.worker.run.ScriptedTurns.Call;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class InterruptTest {
    private final Trial trial = new Trial();
    private final CountDownLatch blocked = new CountDownLatch(1);
    private final CountDownLatch never = new CountDownLatch(1);

    @BeforeEach
    void aRequest() {
        trial.user("hello");
    }

    /// A point at which the run waits until it is interrupted.
    private AssertionError block() throws InterruptedException {
        blocked.countDown();
        never.await();
        return new AssertionError("never comes");
    }

    /// Executes until the run waits, interrupts it there, and returns how the execution was left.
    private @Nullable Throwable interruptedWhereItWaits() throws InterruptedException {
        FutureTask<RunEvent> task = new FutureTask<>(trial::execute);
        Thread thread = Thread.ofVirtual().start(task);
        assertThat(blocked.await(10, TimeUnit.SECONDS)).isTrue();
        thread.interrupt();
        try {
            task.get();
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    @Test
    void whileToolSourcesOpen() throws InterruptedException {
        trial.toolbox =
                () -> {
                    throw block();
                };

        assertThat(interruptedWhereItWaits()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void whileTheUnseenIsLookedUp() throws InterruptedException {
        trial.continuations =
                new Continuations() {
                    @Override
                    public void keep(
                            @Nullable String key, List<String> callIds, List<Message> unseen) {}

                    @Override
                    public Map<String, List<Message>> find(
                            @Nullable String key, Collection<String> callIds)
                            throws InterruptedException {
                        throw block();
                    }
                };
        String id = new CallIds(RunId.at(3), 0).get();
        trial.messages.add(
                new Message(
                        Message.Role.ASSISTANT,
                        List.of(new ToolCall(id, "ask", "{}", null, Map.of()))));

        assertThat(interruptedWhereItWaits()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void whileATurnWaitsForItsPermit() throws InterruptedException {
        trial.permit =
                () -> {
                    throw block();
                };

        assertThat(interruptedWhereItWaits()).isInstanceOf(InterruptedException.class);
        assertThat(trial.model.prompts()).isEmpty();
    }

    @Test
    void whileAToolWaitsForItsPermit() throws InterruptedException {
        AtomicInteger started = new AtomicInteger();
        AtomicInteger asked = new AtomicInteger();
        trial.permit =
                () -> {
                    if (asked.incrementAndGet() > 1) {
                        throw block();
                    }
                };
        trial.tools.add(
                new FakeTool("clock", (_, _) -> FakeTool.text("" + started.incrementAndGet())));
        trial.model.then(calls(new Call("clock", "{}")));

        assertThat(interruptedWhereItWaits()).isInstanceOf(InterruptedException.class);
        assertThat(started).hasValue(0);
    }

    @Test
    void whileAToolIsCalledAgain() throws InterruptedException {
        trial.tools.add(
                new FakeTool(
                        "clock",
                        true,
                        (_, _) -> {
                            throw block();
                        }));
        trial.history =
                Journaled.of(
                        new RunEvent.TurnCompleted(
                                1,
                                new Message(
                                        Message.Role.ASSISTANT,
                                        List.of(new ToolCall("id", "clock", "{}", null, Map.of()))),
                                FinishReason.TOOL_CALLS,
                                ScriptedTurns.COST,
                                "m"));

        assertThat(interruptedWhereItWaits()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void whileATurnIsTakenAgain() throws InterruptedException {
        trial.history = Journaled.of(new RunEvent.TextDelta(1, "once upon"));
        trial.model.then((_, deltas) -> {
            deltas.text("once");
            throw block();
        });

        assertThat(interruptedWhereItWaits()).isInstanceOf(InterruptedException.class);
        assertThat(trial.journal.events()).isEmpty();
    }

    @Test
    void whileTheModelAnswers() throws InterruptedException {
        trial.model.then((_, _) -> {
            throw block();
        });

        assertThat(interruptedWhereItWaits()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void whileATurnIsCommittedAndThenNoToolStarts() throws InterruptedException {
        AtomicInteger started = new AtomicInteger();
        trial.tools.add(
                new FakeTool("clock", (_, _) -> FakeTool.text("" + started.incrementAndGet())));
        trial.journal.commitBehind(this::block);
        trial.model.then(calls(new Call("clock", "{}")));

        assertThat(interruptedWhereItWaits()).isInstanceOf(InterruptedException.class);
        assertThat(started).hasValue(0);
    }

    @Test
    void whileToolsRunWhichAreAllInterruptedBeforeTheRunIsLeft() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(3);
        AtomicInteger interrupted = new AtomicInteger();
        trial.tools.add(
                new FakeTool(
                        "slow",
                        (_, _) -> {
                            started.countDown();
                            try {
                                started.await();
                                throw block();
                            } catch (InterruptedException e) {
                                interrupted.incrementAndGet();
                                throw e;
                            }
                        }));
        Call slow = new Call("slow", "{}");
        trial.model.then(calls(slow, slow, slow));

        assertThat(interruptedWhereItWaits()).isInstanceOf(InterruptedException.class);
        assertThat(interrupted).hasValue(3);
        assertThat(trial.journal.events(RunEvent.ToolCompleted.class)).isEmpty();
    }

    @Test
    void whileTheUnseenIsKept() throws InterruptedException {
        trial.continuations =
                new Continuations() {
                    @Override
                    public void keep(
                            @Nullable String key, List<String> callIds, List<Message> unseen)
                            throws InterruptedException {
                        throw block();
                    }

                    @Override
                    public Map<String, List<Message>> find(
                            @Nullable String key, Collection<String> callIds) {
                        return Map.of();
                    }
                };
        trial.clientTool("ask");
        trial.model.then(calls(new Call("ask", "{}")));

        assertThat(interruptedWhereItWaits()).isInstanceOf(InterruptedException.class);
    }
}
