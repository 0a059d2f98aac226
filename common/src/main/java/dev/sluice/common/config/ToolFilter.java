package dev.sluice.common.config;

import dev.sluice.common.config.binding.Doc;
import java.util.List;
import java.util.regex.Pattern;

/// Which tools may be used, by patterns on their names in which `*` stands for any text. What
/// `deny` matches is out; of the rest, an empty `allow` takes all.
@Doc(
        "Which tools may be used, by patterns in which `*` stands for any text. What `deny` matches"
                + " is out; of the rest, an empty `allow` takes all.")
public record ToolFilter(
        @Doc("Patterns of the names to take.") List<String> allow,
        @Doc("Patterns of the names to leave out.") List<String> deny) {
    public ToolFilter {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }

    /// Whether a tool that goes by these names passes: none of them is denied, and one is allowed.
    public boolean admits(String... names) {
        List<String> known = List.of(names);
        return known.stream().noneMatch(name -> fits(deny, name))
                && (allow.isEmpty() || known.stream().anyMatch(name -> fits(allow, name)));
    }

    private static boolean fits(List<String> patterns, String name) {
        return patterns.stream().anyMatch(pattern -> matches(pattern, name));
    }

    /// Whether `name` fits `pattern`, in which `*` stands for any text.
    public static boolean matches(String pattern, String name) {
        String regex =
                String.join(
                        ".*",
                        List.of(pattern.split("\\*", -1)).stream().map(Pattern::quote).toList());
        return Pattern.compile(regex, Pattern.DOTALL).matcher(name).matches();
    }
}
