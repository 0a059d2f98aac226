package dev.sluice.common.config.binding;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// A value of the file after `${VAR}` was resolved, with the line it stands on.
public sealed interface Node {
    /// The line in the file, from 1.
    int line();

    /// A scalar.
    ///
    /// @param text its text, as written but for quotes and `${VAR}`
    /// @param shown what of it a problem may show: the text as the file has it, `${VAR}` unresolved
    /// @param plain whether it was written without quotes, so that `8`, `true` and `null` are not
    ///   mere text
    record Scalar(int line, String text, String shown, boolean plain) implements Node {
        private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");

        boolean isNull() {
            return plain && NULLS.contains(text);
        }
    }

    /// A list.
    record Items(int line, List<Node> items) implements Node {
        public Items {
            items = List.copyOf(items);
        }
    }

    /// A mapping, in the file's order.
    record Entries(int line, Map<String, Node> entries) implements Node {}

    /// A value that was complained about already.
    record Broken(int line) implements Node {}

    /// What the value is, for people.
    default String noun() {
        return switch (this) {
            case Scalar s -> s.isNull() ? "empty" : "a single value";
            case Items _ -> "a list";
            case Entries _ -> "a mapping";
            case Broken _ -> "broken";
        };
    }
}
