package dev.sluice.common.config.binding;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Thrown by a configuration record's constructor when values cannot work; where the [Binder]
/// builds the record, the broken rules go to it instead, and it adds where in the file the values
/// stand. Built by [Checks].
public final class Refusal extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /// A rule that does not hold.
    ///
    /// @param key the key at fault, relative to its record and as the file spells it; null when it
    ///   is the record as a whole
    /// @param rule what must hold: `must be between 0 and 65535`
    /// @param with the other keys that the rule looks at
    public record Broken(@Nullable String key, String rule, List<String> with) {
        public Broken {
            with = List.copyOf(with);
        }

        @Override
        public String toString() {
            return key == null ? rule : key + " " + rule;
        }
    }

    Refusal(List<Broken> broken) {
        super(broken.stream().map(Broken::toString).collect(Collectors.joining(", ")));
    }
}
