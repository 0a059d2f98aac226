package dev.sluice.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.embedded.model.Script;
import dev.sluice.embedded.model.ScriptedModel;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The load generator on the scripted model.
class ChatSideIT {
    private static final Question STORY = Question.story(16, 200);

    private final Load load = new Load();
    private final ScriptedModel model =
            ScriptedModel.start(
                    Script.parse(
                            Question.script(
                                    List.of(
                                            STORY,
                                            Question.turn(),
                                            rule("cut", "{ text: one two three, cut_after: 2 }"),
                                            rule("wrong", "{ text: one two four }"),
                                            rule("refused", "{ status: 503 }")))),
                    0);
    private final Side side = new ChatSide("model", model.baseUrl(), "scripted", null, load);

    @AfterEach
    void close() {
        load.close();
        model.close();
    }

    private static Question rule(String prompt, String reply) {
        return new Question(
                prompt,
                "one two three",
                "  - { when: { user: '^%s$' }, reply: %s }%n".formatted(prompt, reply));
    }

    @Test
    void everyTokenIsTimed() throws Exception {
        Measured measured = load.atRate(side, STORY, 1, Duration.ofMillis(1));

        assertThat(measured.clean()).as("%s", measured).isTrue();
        assertThat(measured.tokens()).isEqualTo(STORY.tokens()).isEqualTo(16);
        assertThat(measured.firstToken().count()).isEqualTo(1);
        assertThat(measured.firstToken().p50()).isGreaterThan(10);
        assertThat(measured.gap().count()).isEqualTo(15);
        // The last token is due 75 ms after the first.
        assertThat(measured.whole().p50() - measured.firstToken().p50()).isGreaterThan(60);
    }

    @Test
    void tokensThatComeTogetherHaveNoGap() throws Exception {
        Measured measured = load.atRate(side, Question.turn(), 1, Duration.ofMillis(1));

        assertThat(measured.tokens()).isEqualTo(8);
        assertThat(measured.gap().count()).isEqualTo(7);
        assertThat(measured.gap().p50()).isZero();
    }

    @Test
    void tokensThatDoNotComeAreLost() throws Exception {
        Measured measured = ask("cut");

        assertThat(measured.failed()).isEqualTo(1);
        assertThat(measured.tokens()).isEqualTo(2);
        assertThat(measured.lost()).isEqualTo(1);
    }

    @Test
    void textThatIsNotTheScriptsFails() throws Exception {
        Measured measured = ask("wrong");

        assertThat(measured.failed()).isEqualTo(1);
        assertThat(measured.failures().keySet())
                .containsExactly("text that is not the script's:  four");
        assertThat(measured.lost()).isEqualTo(1);
    }

    @Test
    void aRefusalFailsWithItsStatus() throws Exception {
        Measured measured = ask("refused");

        assertThat(measured.answered()).isZero();
        assertThat(List.copyOf(measured.failures().keySet()).getFirst()).startsWith("status 503: ");
        assertThat(measured.lost()).isEqualTo(3);
    }

    private Measured ask(String prompt) throws InterruptedException {
        return load.atRate(
                side, new Question(prompt, "one two three", ""), 1, Duration.ofMillis(1));
    }
}
