package dev.sluice.embedded.model.rule;

import dev.sluice.embedded.model.chat.ChatRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The requests that a [Rule] answers: those for which everything given holds.
///
/// @param model the requested model
/// @param user searched in the text of the last user message
/// @param toolResult searched in the text of the tool messages since the last assistant message
/// @param hasTools whether tools are offered that may be called
/// @param turn the number of assistant messages after the last user message
/// @param times how often the rule may match
public record When(
        @Nullable String model,
        @Nullable Pattern user,
        @Nullable Pattern toolResult,
        @Nullable Boolean hasTools,
        @Nullable Integer turn,
        @Nullable Integer times) {

    /// Everything.
    public static final When ALWAYS = new When(null, null, null, null, null, null);

    /// What the templates of the reply can refer to, if `request` matches; `times` is the caller's.
    public Optional<Template.Values> match(ChatRequest request) {
        if ((model != null && !model.equals(request.model()))
                || (hasTools != null && hasTools == request.tools().isEmpty())
                || (turn != null && turn != request.turn())
                || (toolResult != null && request.toolResults().isEmpty())) {
            return Optional.empty();
        }
        Optional<List<String>> userGroups = groups(user, request::user);
        Optional<List<String>> toolGroups = groups(toolResult, request::toolResult);
        if (userGroups.isEmpty() || toolGroups.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new Template.Values(
                        request.user(),
                        userGroups.get(),
                        request.toolResult(),
                        toolGroups.get(),
                        0));
    }

    private static Optional<List<String>> groups(@Nullable Pattern pattern, Supplier<String> text) {
        if (pattern == null) {
            return Optional.of(List.of());
        }
        Matcher matcher = pattern.matcher(text.get());
        return matcher.find() ? Optional.of(captured(matcher)) : Optional.empty();
    }

    private static List<String> captured(MatchResult match) {
        return IntStream.rangeClosed(1, match.groupCount())
                .mapToObj(group -> match.group(group) == null ? "" : match.group(group))
                .toList();
    }
}
