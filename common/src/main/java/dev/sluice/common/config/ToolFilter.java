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

    /// Whether a tool of this name passes.
    public boolean admits(String tool) {
        return deny.stream().noneMatch(pattern -> matches(pattern, tool))
                && (allow.isEmpty() || allow.stream().anyMatch(pattern -> matches(pattern, tool)));
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
