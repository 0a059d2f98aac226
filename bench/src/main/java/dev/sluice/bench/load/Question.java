package dev.sluice.bench.load;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Something to ask, and what the scripted model answers.
///
/// @param prompt by which the script knows it
/// @param answer the whole text, words with one blank between them: a word is a token
/// @param rules of the script
public record Question(String prompt, String answer, String rules) {
    private static final String WORDS = "one two three four five six seven eight";
    private static final int WORD_COUNT = 8;

    /// A turn of eight tokens, as fast as the model can.
    public static Question turn() {
        return turn(Duration.ZERO);
    }

    /// A turn of eight tokens all at once, after a time in which the model is silent.
    public static Question turn(Duration silence) {
        return new Question(
                "turn",
                WORDS,
                """
                  - when: { user: '^turn$' }
                    pace: { first_token: %dms }
                    reply: { text: %s }
                """
                        .formatted(silence.toMillis(), WORDS));
    }

    /// A long answer at a steady pace.
    ///
    /// @param tokens how many, in eights
    public static Question story(int tokens, double tokensPerSecond) {
        int repeat = Math.ceilDiv(tokens, WORD_COUNT);
        String prompt = "story of " + repeat * WORD_COUNT + " tokens";
        return new Question(
                prompt,
                (WORDS + " ").repeat(repeat - 1) + WORDS,
                String.format(
                        Locale.ROOT,
                        """
                          - when: { user: '^%s$' }
                            pace: { first_token: 10ms, tokens_per_second: %.1f }
                            reply: { text: %s, repeat: %d }
                        """,
                        prompt,
                        tokensPerSecond,
                        WORDS,
                        repeat));
    }

    /// Three turns, of which two call a tool.
    public static Question toolLoop() {
        return new Question(
                "tools",
                WORDS,
                """
                  - when: { user: '^tools$', turn: 0, has_tools: true }
                    reply: { tool_calls: [ { name_matching: '.*calculate$', arguments: { expression: 12*7 } } ] }
                  - when: { user: '^tools$', turn: 1, tool_result: '84' }
                    reply: { tool_calls: [ { name_matching: '.*calculate$', arguments: { expression: '84/2' } } ] }
                  - when: { user: '^tools$', turn: 2, tool_result: '42' }
                    reply: { text: %s }
                """
                        .formatted(WORDS));
    }

    /// A script that answers these.
    public static String script(List<Question> questions) {
        return "models: [scripted]\njournal: 1\nrules:\n"
                + questions.stream().map(Question::rules).collect(Collectors.joining());
    }

    /// How many tokens the answer has.
    public int tokens() {
        return Tokens.in(answer, 0);
    }
}
