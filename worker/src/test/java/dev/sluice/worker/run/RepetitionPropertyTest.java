package dev.sluice.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.RunEvent;
import dev.sluice.common.run.RunEvent.ReasoningDelta;
import dev.sluice.common.run.RunEvent.RefusalDelta;
import dev.sluice.common.run.RunEvent.TextDelta;
import dev.sluice.common.run.RunEvent.ToolCallDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/// Whatever was told of a turn, whatever its next attempts say and wherever all of that is cut and
/// broken off: a reader ends with exactly what the last one said.
class RepetitionPropertyTest {
    private static final int TURN = 3;

    /// Everything a model says in a turn.
    record Answer(String reasoning, String text, String refusal, List<Call> calls) {
        /// Its events, cut and mixed at random; each voice keeps its order.
        List<RunEvent> pieces(long seed) {
            Random random = new Random(seed);
            List<List<RunEvent>> voices = new ArrayList<>();
            voices.add(cut(reasoning, random).stream().map(this::thought).toList());
            voices.add(cut(text, random).stream().map(this::said).toList());
            voices.add(cut(refusal, random).stream().map(this::refused).toList());
            for (int i = 0; i < calls.size(); i++) {
                voices.add(calls.get(i).pieces(i, random));
            }
            List<RunEvent> mixed = new ArrayList<>();
            List<List<RunEvent>> left = new ArrayList<>(voices.stream().map(List::copyOf).toList());
            left.removeIf(List::isEmpty);
            while (!left.isEmpty()) {
                int at = random.nextInt(left.size());
                List<RunEvent> voice = left.get(at);
                mixed.add(voice.getFirst());
                left.set(at, voice.subList(1, voice.size()));
                left.removeIf(List::isEmpty);
            }
            return mixed;
        }

        private RunEvent thought(String piece) {
            return new ReasoningDelta(TURN, piece);
        }

        private RunEvent said(String piece) {
            return new TextDelta(TURN, piece);
        }

        private RunEvent refused(String piece) {
            return new RefusalDelta(TURN, piece);
        }

        String whole() {
            return Reader.of(pieces(0)).said();
        }
    }

    record Call(String name, String arguments) {
        List<RunEvent> pieces(int index, Random random) {
            String id = "id-" + index;
            List<RunEvent> pieces = new ArrayList<>();
            for (String piece : cut(arguments, random)) {
                @Nullable String first = pieces.isEmpty() ? name : null;
                pieces.add(new ToolCallDelta(TURN, index, id, first, piece));
            }
            return pieces.isEmpty()
                    ? List.of(new ToolCallDelta(TURN, index, id, name, ""))
                    : pieces;
        }
    }

    private static List<String> cut(String text, Random random) {
        List<String> pieces = new ArrayList<>();
        for (int from = 0; from < text.length(); ) {
            int to = Math.min(text.length(), from + 1 + random.nextInt(4));
            pieces.add(text.substring(from, to));
            from = to;
        }
        return pieces;
    }

    /// What an attempt tells that says this, on what was told before.
    private static List<RunEvent> told(List<RunEvent> before, List<RunEvent> says, boolean whole) {
        List<RunEvent> told = new ArrayList<>();
        Repetition repetition = new Repetition(TURN, before, told::add);
        says.forEach(repetition);
        if (whole) {
            repetition.end();
        }
        return told;
    }

    private static <T> List<T> cutOff(List<T> pieces, long seed) {
        return pieces.subList(0, new Random(~seed).nextInt(pieces.size() + 1));
    }

    @Provide
    Arbitrary<Answer> answers() {
        // Few letters, so that many answers begin alike.
        Arbitrary<String> words = Arbitraries.strings().withChars('a', 'b').ofMaxLength(9);
        Arbitrary<Call> calls =
                Combinators.combine(Arbitraries.of("ask", "show"), words).as(Call::new);
        return Combinators.combine(words, words, words, calls.list().ofMaxSize(2)).as(Answer::new);
    }

    @Property(tries = 5_000)
    void aReaderEndsWithWhatTheLastAttemptSays(
            @ForAll("answers") Answer old,
            @ForAll("answers") Answer next,
            @ForAll long oldCuts,
            @ForAll long newCuts) {
        List<RunEvent> before = cutOff(old.pieces(oldCuts), oldCuts);

        List<RunEvent> all = new ArrayList<>(before);
        all.addAll(told(before, next.pieces(newCuts), true));

        assertThat(Reader.of(all).said()).isEqualTo(next.whole());
    }

    @Property(tries = 5_000)
    void nothingIsResetWhereTheNewExtendsTheOld(
            @ForAll("answers") Answer answer, @ForAll long oldCuts, @ForAll long newCuts) {
        List<RunEvent> before = cutOff(answer.pieces(oldCuts), oldCuts);

        List<RunEvent> all = new ArrayList<>(before);
        all.addAll(told(before, answer.pieces(newCuts), true));

        assertThat(Reader.of(all).resets()).isZero();
        assertThat(Reader.of(all).said()).isEqualTo(answer.whole());
    }

    @Property(tries = 2_000)
    void aTurnThatIsBrokenOffAgainAndAgainEndsWithWhatTheLastAttemptSays(
            @ForAll("answers") Answer first,
            @ForAll("answers") Answer second,
            @ForAll("answers") Answer third,
            @ForAll long cuts) {
        List<RunEvent> log = new ArrayList<>(cutOff(first.pieces(cuts), cuts));
        for (Answer answer : List.of(second, first, third)) {
            List<RunEvent> says = cutOff(answer.pieces(cuts + 1), cuts + 1);
            log.addAll(cutOff(told(Reader.of(log).open(), says, false), cuts + 2));
        }

        log.addAll(told(Reader.of(log).open(), second.pieces(cuts + 3), true));

        assertThat(Reader.of(log).said()).isEqualTo(second.whole());
    }

    @Property(tries = 1_000)
    void whatWasToldIsNeverToldTwiceUnlessItWasReset(
            @ForAll("answers") Answer answer, @ForAll long oldCuts, @ForAll long newCuts) {
        List<RunEvent> before = answer.pieces(oldCuts);

        assertThat(told(before, answer.pieces(newCuts), true)).isEmpty();
    }
}
