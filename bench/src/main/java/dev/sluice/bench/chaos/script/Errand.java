package dev.sluice.bench.chaos.script;

import dev.sluice.common.run.Usage;
import dev.sluice.embedded.model.chat.Tokens;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a client asks of an agent, and what must come of it. The prompt holds the whole script, by
/// which [ModelScript]'s rules play; the nonce makes prompt, tool calls and answer unique.
///
/// @param nonce names the errand
/// @param rounds the turns that call tools, in order
/// @param answer what the last turn says; where the errand wavers, it has [#MARK]s
/// @param wavering whether the model says something else each time it is asked: the number of the
///   request stands for each mark
public record Errand(String nonce, List<Round> rounds, String answer, boolean wavering) {
    /// Stands in a wavering answer for the number of the model's request.
    public static final String MARK = "#0";

    static final int MARKS = 3;

    private static final Pattern NUMBER = Pattern.compile("#\\d+");

    public Errand {
        rounds = List.copyOf(rounds);
    }

    /// A turn that calls tools.
    ///
    /// @param preface what it says before
    /// @param calls one or two
    public record Round(String preface, List<Call> calls) {
        public Round {
            calls = List.copyOf(calls);
        }
    }

    /// A tool call.
    ///
    /// @param key unique among all calls
    /// @param takes how long the tool works
    public record Call(ToolKind tool, String key, Duration takes) {
        /// The arguments as the model writes them.
        public String arguments() {
            return "{\"key\":\"%s\",\"millis\":\"%d\"}".formatted(key, takes.toMillis());
        }
    }

    /// What the client says.
    public String prompt() {
        String told =
                rounds.stream()
                        .map(round -> "[" + rounds.indexOf(round) + " " + steps(round) + "] ")
                        .collect(Collectors.joining());
        return "run " + nonce + " " + told + (wavering ? "wavering: " : "answer: ") + script();
    }

    private static String steps(Round round) {
        return Stream.concat(
                        Stream.of(round.preface),
                        round.calls.stream()
                                .map(call ->
                                        "%s %s %d"
                                                .formatted(
                                                        call.tool.toolName(),
                                                        call.key,
                                                        call.takes.toMillis())))
                .collect(Collectors.joining(" / "));
    }

    private String script() {
        return wavering ? answer.replace(" " + MARK, " %").replaceFirst(" %$", "") : answer;
    }

    /// What the last turn says.
    ///
    /// @param results the results of the last round, in the order of its calls; empty without
    ///   rounds
    public String lastText(List<String> results) {
        return rounds.isEmpty() ? answer : String.join("\n", results) + "\nSo: " + answer;
    }

    /// What a client reads: the texts of all turns.
    ///
    /// @param results the results of the last round, in the order of its calls; empty without
    ///   rounds
    public String text(List<String> results) {
        return Stream.concat(rounds.stream().map(Round::preface), Stream.of(lastText(results)))
                .collect(Collectors.joining("\n\n"));
    }

    /// Whether what was said is what should be: equal, and in a wavering errand from one request
    /// throughout.
    public boolean matches(String expected, String said) {
        if (!wavering) {
            return expected.equals(said);
        }
        List<String> numbers =
                NUMBER.matcher(said).results().map(MatchResult::group).distinct().toList();
        return numbers.size() == 1 && said.replace(numbers.getFirst(), MARK).equals(expected);
    }

    /// The tokens of a run that did every turn once.
    ///
    /// @param results the results of each round, in the order of its calls
    public Usage usage(List<List<String>> results) {
        long input = 0;
        long output = 0;
        long context = Tokens.count(prompt());
        for (int i = 0; i < rounds.size(); i++) {
            Round round = rounds.get(i);
            input += context;
            output += Tokens.of(round.preface).size();
            context += Tokens.count(round.preface);
            for (Call call : round.calls) {
                output += 1 + Tokens.fragments(call.arguments()).size();
                context += Tokens.count(call.arguments());
            }
            for (String result : results.get(i)) {
                context += Tokens.count(result);
            }
        }
        List<String> last = rounds.isEmpty() ? List.of() : results.getLast();
        return new Usage(input + context, output + Tokens.of(lastText(last)).size(), 0, 0);
    }
}
