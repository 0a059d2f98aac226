package dev.sluice.common.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class AttemptRulePropertiesTest {
    private static List<Reply> counted(List<Reply> log) {
        AttemptRule rule = new AttemptRule();
        return log.stream().filter(rule::counts).toList();
    }

    private static List<Reply> numbered(List<Reply> log) {
        return counted(log).stream()
                .filter(reply -> !(reply.event() instanceof RunEvent.AttemptStarted))
                .toList();
    }

    @Property
    void whatCountsIsNumberedWithoutGapsWhateverTheAttemptsWrite(
            @ForAll @Size(max = 80) List<@IntRange(max = 99) Integer> choices) {
        List<Reply> numbered = numbered(Chronicle.of(choices).log());

        assertThat(numbered)
                .extracting(Reply::seq)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, numbered.size()).boxed().toList());
    }

    @Property
    void aRunHasAtMostOneEndAndNothingCountsAfterIt(
            @ForAll @Size(max = 80) List<@IntRange(max = 99) Integer> choices) {
        List<Reply> counted = counted(Chronicle.of(choices).log());

        assertThat(counted.stream().filter(reply -> reply.event().terminal()).count())
                .isLessThanOrEqualTo(1);
        assertThat(counted.stream().dropWhile(reply -> !reply.event().terminal()).skip(1))
                .isEmpty();
    }

    @Property
    void attemptsNeverGoBackAndOneClaimSpeaksForEach(
            @ForAll @Size(max = 80) List<@IntRange(max = 99) Integer> choices) {
        List<Reply> counted = counted(Chronicle.of(choices).log());

        for (int i = 1; i < counted.size(); i++) {
            Reply before = counted.get(i - 1);
            Reply next = counted.get(i);
            assertThat(next.attempt()).isGreaterThanOrEqualTo(before.attempt());
            if (next.attempt() == before.attempt()) {
                assertThat(next.claim()).isEqualTo(before.claim());
            }
        }
    }

    @Property
    void whoReadsOnAfterAnyCountedReplySeesWhatWhoReadAllOfItSees(
            @ForAll @Size(max = 60) List<@IntRange(max = 99) Integer> choices) {
        List<Reply> log = Chronicle.of(choices).log();
        AttemptRule whole = new AttemptRule();
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < log.size(); i++) {
            if (whole.counts(log.get(i))) {
                positions.add(i);
            }
        }
        for (int position : positions) {
            if (log.get(position).event() instanceof RunEvent.AttemptStarted) {
                continue;
            }
            AttemptRule after = AttemptRule.after(log.get(position));
            List<Integer> rest = new ArrayList<>();
            for (int i = position + 1; i < log.size(); i++) {
                if (after.counts(log.get(i))) {
                    rest.add(i);
                }
            }
            assertThat(rest)
                    .containsExactlyElementsOf(
                            positions.stream().filter(it -> it > position).toList());
        }
    }
}
