package dev.sluice.embedded.model.rule;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A text of a reply in which `{{user}}`, `{{tool_result}}`, their groups and `{{request}}` are
/// filled in.
///
/// @param text as the script has it
public record Template(String text) {

    private static final Pattern REFERENCE = Pattern.compile("\\{\\{\\s*(.*?)\\s*}}");
    private static final Pattern KNOWN =
            Pattern.compile("request|(user|tool_result)(?:\\.([1-9]\\d?))?");

    /// What references stand for.
    ///
    /// @param user the text of the last user message
    /// @param userGroups what the groups of the rule's `user` captured
    /// @param toolResult the text of the last tool messages
    /// @param toolGroups what the groups of the rule's `tool_result` captured
    /// @param request the number of the request among those that the model got, from 1
    public record Values(
            String user,
            List<String> userGroups,
            String toolResult,
            List<String> toolGroups,
            long request) {

        /// The same for the request of that number.
        public Values ofRequest(long number) {
            return new Values(user, userGroups, toolResult, toolGroups, number);
        }

        private String of(@Nullable String source, int group) {
            if (source == null) {
                return Long.toString(request);
            }
            boolean fromUser = source.equals("user");
            if (group == 0) {
                return fromUser ? user : toolResult;
            }
            return (fromUser ? userGroups : toolGroups).get(group - 1);
        }
    }

    /// The text with every reference replaced.
    public String render(Values values) {
        if (!text.contains("{{")) {
            return text;
        }
        return REFERENCE
                .matcher(text)
                .replaceAll(reference -> {
                    Matcher known = KNOWN.matcher(reference.group(1));
                    if (!known.matches()) {
                        throw new IllegalStateException("unchecked template " + text);
                    }
                    return Matcher.quoteReplacement(values.of(known.group(1), group(known)));
                });
    }

    /// What is wrong with the references, given how many groups the rule's expressions have.
    public Optional<String> problem(int userGroups, int toolGroups) {
        Matcher reference = REFERENCE.matcher(text);
        while (reference.find()) {
            Matcher known = KNOWN.matcher(reference.group(1));
            if (!known.matches()) {
                return Optional.of(
                        reference.group()
                                + " is not {{request}}, {{user}}, {{tool_result}} or a group of"
                                + " one");
            }
            int groups = "user".equals(known.group(1)) ? userGroups : toolGroups;
            if (group(known) > groups) {
                return Optional.of(
                        reference.group() + ": the rule's expression has " + groups + " groups");
            }
        }
        return Optional.empty();
    }

    private static int group(Matcher known) {
        return known.group(2) == null ? 0 : Integer.parseInt(known.group(2));
    }
}
