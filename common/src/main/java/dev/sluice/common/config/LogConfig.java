package dev.sluice.common.config;

import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;

/// What a process writes about itself.
@Doc("What a process writes about itself, on standard error.")
public record LogConfig(
        @Doc("`text` for people, `json` for machines.") @Default("text") Format format,
        @Doc("The least level of Sluice's own messages.") @Default("info") Level level) {
    /// The forms of a log line.
    public enum Format {
        /// For people.
        TEXT,
        /// For machines: one JSON object a line.
        JSON
    }

    /// The levels, from the most to the least.
    public enum Level {
        /// Everything.
        TRACE,
        /// What a developer looks for.
        DEBUG,
        /// What an operator wants to know.
        INFO,
        /// What may need an operator.
        WARN,
        /// What needs an operator.
        ERROR
    }
}
