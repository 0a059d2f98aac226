package dev.sluice.worker.run;

import static dev.sluice.worker.run.ScriptedTurns.COST;
import static dev.sluice.worker.run.ScriptedTurns.calls;
import static dev.sluice.worker.run.ScriptedTurns.ends;
import static dev.sluice.worker.run.ScriptedTurns.fails;
import static dev.sluice.worker.run.ScriptedTurns.says;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Failure;
import dev.sluice.common.run.FinishReason;
import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.RunCompleted;
import dev.sluice.common.run.RunEvent.TextDelta;
import dev.sluice.common.run.RunEvent.TurnCompleted;
import dev.sluice.common.run.RunEvent.TurnReset;
import dev.sluice.common.run.RunId;
import dev.sluice.common.run.Usage;
import dev.sluice.worker.run.ScriptedTurns.Call;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A turn that was broken off is taken again.
class OpenTurnTest {
    private static final Call NOON = new Call("clock", "{}");

    private final RunId run = RunId.at(7);

    private Trial trial() {
        Trial trial = new Trial();
        trial.run = run;
        trial.user("hello");
        trial.tools.add(FakeTool.echo("clock"));
        return trial;
    }

    private Trial after(List<RunEvent> events) {
        Trial next = trial();
        next.history = Journaled.of(events);
        return next;
    }

    @Test
    void ofATurnThatIsTakenAgainOnlyTheRestIsTold() throws InterruptedException {
        Trial first = trial();
        first.model.then(calls(NOON)).then(fails(new Failure.Internal(), Usage.NONE));
        first.execute();
        List<RunEvent> before = new ArrayList<>(first.journal.events());
        before.add(new TextDelta(2, "no"));
        Trial next = after(before);
        next.model.then(says("noon"));

        assertThat(next.execute()).isEqualTo(new RunCompleted(FinishReason.STOP, COST.plus(COST)));
        assertThat(next.journal.events())
                .startsWith(new TextDelta(2, "on"))
                .hasSize(2)
                .last()
                .isInstanceOfSatisfying(
                        TurnCompleted.class,
                        turn -> assertThat(turn.message().text()).isEqualTo("noon"));
    }

    @Test
    void aTurnThatSaysSomethingElseIsToldAnewAfterAReset() throws InterruptedException {
        Trial next = after(List.of(new TextDelta(1, "noon")));
        next.model.then(says("late"));

        next.execute();

        assertThat(next.journal.events())
                .startsWith(new TurnReset(1), new TextDelta(1, "late"))
                .hasSize(3);
    }

    @Test
    void aTurnThatEndsShortOfWhatWasToldIsReset() throws InterruptedException {
        Trial next = after(List.of(new TextDelta(1, "noon")));
        next.model.then(says("no"));

        next.execute();

        assertThat(next.journal.events())
                .startsWith(new TurnReset(1), new TextDelta(1, "no"))
                .hasSize(3);
    }

    @Test
    void aTurnThatFailsWhileItRepeatsLeavesWhatWasTold() throws InterruptedException {
        Trial next = after(List.of(new TextDelta(1, "noon")));
        next.model.then((_, deltas) -> {
            deltas.text("no");
            return new Model.Answer.Failed(new Failure.UpstreamCut("p"), Usage.NONE);
        });

        assertThat(next.execute()).isInstanceOf(RunEvent.RunFailed.class);
        assertThat(next.journal.events()).isEmpty();
    }

    @Test
    void onlyTheTurnThatWasOpenIsHeldBack() throws InterruptedException {
        Trial next = after(List.of(new TextDelta(1, "a mo")));
        next.model.then(ends(FinishReason.TOOL_CALLS, "a moment", NOON)).then(says("noon"));

        next.execute();

        assertThat(next.journal.events(TextDelta.class))
                .containsExactly(new TextDelta(1, "ment"), new TextDelta(2, "noon"));
        assertThat(next.journal.events(TurnReset.class)).isEmpty();
    }
}
