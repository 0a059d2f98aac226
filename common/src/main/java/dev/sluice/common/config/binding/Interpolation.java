package dev.sluice.common.config.binding;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Resolves `${VAR}` and `${VAR:-default}` in a text; `$${` stands for a literal `${`.
///
/// As in a shell, the default of `${VAR:-default}` stands in for an empty variable too.
final class Interpolation {
    private static final Pattern REFERENCE =
            Pattern.compile(
                    "\\$\\$\\{|\\$\\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?<fallback>[^}]*))?}|\\$\\{");

    private final Map<String, String> environment;

    Interpolation(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /// What a text came to, and the rules that it breaks, if any.
    record Outcome(String text, List<String> broken) {}

    Outcome resolve(String text) {
        if (!text.contains("${")) {
            return new Outcome(text, List.of());
        }
        List<String> broken = new ArrayList<>();
        var resolved = new StringBuilder();
        Matcher matcher = REFERENCE.matcher(text);
        while (matcher.find()) {
            String replacement =
                    matcher.group().startsWith("$$")
                            ? "${"
                            : value(matcher.group("name"), matcher.group("fallback"), broken);
            matcher.appendReplacement(resolved, Matcher.quoteReplacement(replacement));
        }
        matcher.appendTail(resolved);
        return new Outcome(resolved.toString(), List.copyOf(broken));
    }

    private String value(@Nullable String name, @Nullable String fallback, List<String> broken) {
        if (name == null) {
            broken.add(
                    "holds a ${ that is neither ${NAME} nor ${NAME:-default}; $${ is a plain ${");
            return "";
        }
        @Nullable String value = environment.get(name);
        if (value == null || (value.isEmpty() && fallback != null)) {
            if (fallback == null) {
                broken.add("needs the environment variable " + name + ", which is not set");
                return "";
            }
            return fallback;
        }
        return value;
    }
}
