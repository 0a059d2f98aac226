package dev.sluice.common.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttemptRuleTest {
    private static final RunId RUN = new RunId("run_1");

    private final AttemptRule rule = new AttemptRule();

    private static Reply started(int attempt, String claim) {
        return new Reply(RUN, attempt, claim, 0, Instant.EPOCH, new RunEvent.AttemptStarted("w"));
    }

    private static Reply delta(int attempt, String claim, long seq) {
        return new Reply(RUN, attempt, claim, seq, Instant.EPOCH, new RunEvent.TextDelta(1, "x"));
    }

    private static Reply end(int attempt, String claim, long seq) {
        return new Reply(
                RUN, attempt, claim, seq, Instant.EPOCH, new RunEvent.RunCancelled(Usage.NONE));
    }

    private List<Boolean> read(Reply... replies) {
        return List.of(replies).stream().map(rule::counts).toList();
    }

    @Test
    void theOnlyAttemptCountsUpToItsEnd() {
        assertThat(read(started(1, "a"), delta(1, "a", 1), end(1, "a", 2)))
                .containsExactly(true, true, true);
        assertThat(rule.ended()).isTrue();
    }

    @Test
    void aLowerAttemptCeasesToCount() {
        assertThat(
                        read(
                                started(1, "a"),
                                delta(1, "a", 1),
                                started(2, "b"),
                                delta(1, "a", 2),
                                delta(2, "b", 2),
                                end(1, "a", 3),
                                end(2, "b", 3)))
                .containsExactly(true, true, true, false, true, false, true);
        assertThat(rule.attempt()).isEqualTo(2);
    }

    @Test
    void ofTwoClaimsToAnAttemptTheFirstCounts() {
        assertThat(
                        read(
                                started(1, "a"),
                                started(1, "b"),
                                delta(1, "b", 1),
                                delta(1, "a", 1),
                                end(1, "b", 2)))
                .containsExactly(true, false, false, true, false);
        assertThat(rule.ended()).isFalse();
    }

    @Test
    void nothingCountsAfterTheEnd() {
        assertThat(
                        read(
                                started(1, "a"),
                                end(1, "a", 1),
                                delta(1, "a", 2),
                                started(2, "b"),
                                end(2, "b", 2)))
                .containsExactly(true, true, false, false, false);
    }

    @Test
    void nothingCountsAfterAGapButAFailingEnd() {
        Reply completed =
                new Reply(
                        RUN,
                        1,
                        "a",
                        4,
                        Instant.EPOCH,
                        new RunEvent.RunCompleted(FinishReason.STOP, Usage.NONE));
        assertThat(read(started(1, "a"), delta(1, "a", 1), delta(1, "a", 3), completed))
                .containsExactly(true, true, false, false);
        assertThat(rule.gapped()).isTrue();
        assertThat(rule.ended()).isFalse();
        assertThat(read(end(1, "a", 9))).containsExactly(true);
        assertThat(rule.ended()).isTrue();
    }

    @Test
    void whatNobodyStartedDoesNotCount() {
        assertThat(read(delta(1, "a", 1), started(2, "a"), delta(3, "a", 1)))
                .containsExactly(false, true, false);
    }
}
