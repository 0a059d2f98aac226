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
    void nothingOfAnAttemptCountsAfterAGap() {
        assertThat(read(started(1, "a"), delta(1, "a", 1), delta(1, "a", 3), end(1, "a", 2)))
                .containsExactly(true, true, false, false);
        assertThat(rule.gapped()).isTrue();
        assertThat(rule.ended()).isFalse();
    }

    @Test
    void theNextAttemptCarriesOnBeforeTheGap() {
        read(started(1, "a"), delta(1, "a", 1), delta(1, "a", 3));

        assertThat(read(started(2, "b"), delta(1, "a", 2), delta(2, "b", 2), end(2, "b", 3)))
                .containsExactly(true, false, true, true);
        assertThat(rule.gapped()).isFalse();
        assertThat(rule.ended()).isTrue();
    }

    @Test
    void aRequestToCancelIsNotedAndDoesNotCount() {
        Reply wish = new Reply(RUN, 0, "", 0, Instant.EPOCH, new RunEvent.CancelRequested());

        assertThat(read(started(1, "a"), wish, delta(1, "a", 1)))
                .containsExactly(true, false, true);
        assertThat(rule.cancelRequested()).isTrue();
    }

    @Test
    void readingGoesOnAfterAnyReplyThatCounted() {
        AttemptRule after = AttemptRule.after(delta(2, "b", 7));

        assertThat(after.counts(delta(2, "b", 8))).isTrue();
        assertThat(after.counts(delta(1, "a", 9))).isFalse();
        assertThat(after.counts(started(2, "c"))).isFalse();
        assertThat(after.counts(started(3, "d"))).isTrue();
        assertThat(after.counts(end(3, "d", 9))).isTrue();
        assertThat(after.ended()).isTrue();
    }

    @Test
    void whatNobodyStartedDoesNotCount() {
        assertThat(read(delta(1, "a", 1), started(2, "a"), delta(3, "a", 1)))
                .containsExactly(false, true, false);
    }
}
