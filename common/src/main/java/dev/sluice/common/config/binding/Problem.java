package dev.sluice.common.config.binding;

import org.jspecify.annotations.Nullable;

/// One thing that is wrong with a configuration.
///
/// @param where the file and line, `sluice.yaml:12`
/// @param path the key at fault from the root, `agents.researcher.max_turns`; empty for the file as
///   a whole
/// @param value what the file says there, where it may be shown: never a secret, and never what
///   came out of an environment variable
/// @param rule what must hold, or what to do
public record Problem(String where, String path, @Nullable String value, String rule) {
    /// One line: `sluice.yaml:12: agents.researcher.max_turns: 0 must be between 1 and 1000`.
    @Override
    public String toString() {
        return where
                + ": "
                + (path.isEmpty() ? "" : path + ": ")
                + (value == null ? "" : value + " ")
                + rule;
    }
}
