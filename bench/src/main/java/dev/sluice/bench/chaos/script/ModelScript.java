package dev.sluice.bench.chaos.script;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The rules by which the scripted model plays errands.
public final class ModelScript {
    /// The most rounds of an errand.
    public static final int ROUNDS = 3;

    /// What a round can call.
    static final List<List<ToolKind>> PATTERNS =
            List.of(
                    List.of(ToolKind.LOOK),
                    List.of(ToolKind.PUT),
                    List.of(ToolKind.BOOK),
                    List.of(ToolKind.LOOK, ToolKind.BOOK),
                    List.of(ToolKind.PUT, ToolKind.LOOK),
                    List.of(ToolKind.BOOK, ToolKind.PUT));

    private ModelScript() {}

    /// The script as YAML.
    ///
    /// @param tokensPerSecond how fast the model speaks
    public static String yaml(double tokensPerSecond) {
        var rules = new ArrayList<String>();
        for (int round = 0; round < ROUNDS; round++) {
            for (List<ToolKind> calls : PATTERNS) {
                rules.add(round(round, calls));
            }
        }
        rules.add(answer("answer: (.*)$", "{{user.1}}"));
        rules.add(
                answer(
                        "wavering: (.*) % (.*) % (.*)$",
                        "{{user.1}} #{{request}} {{user.2}} #{{request}} {{user.3}} #{{request}}"));
        return """
        models: [scripted]
        journal: 1
        pace: { first_token: 60ms, tokens_per_second: %s }
        rules:
        %s\
        """
                .formatted(
                        String.format(Locale.ROOT, "%.1f", tokensPerSecond),
                        String.join("", rules));
    }

    private static String round(int round, List<ToolKind> tools) {
        var when = new StringBuilder("\\[" + round + " ([^/\\]]*)");
        var calls = new ArrayList<String>();
        for (int i = 0; i < tools.size(); i++) {
            when.append(" / ").append(tools.get(i).toolName()).append(" (\\S+) (\\d+)");
            calls.add(
                    "{ name: %s, arguments: { key: '{{user.%d}}', millis: '{{user.%d}}' } }"
                            .formatted(tools.get(i).modelName(), 2 * i + 2, 2 * i + 3));
        }
        return """
          - when: { turn: %d, user: '%s\\]' }
            reply: { text: '{{user.1}}', tool_calls: [ %s ] }
        """
                .formatted(round, when, String.join(", ", calls));
    }

    /// The answer, after the tools' results where there are any.
    private static String answer(String when, String text) {
        return """
          - when: { user: '%1$s', tool_result: any }
            reply: { text: "{{tool_result}}\\nSo: %2$s" }
          - when: { user: '%1$s' }
            reply: { text: '%2$s' }
        """
                .formatted(when, text);
    }
}
