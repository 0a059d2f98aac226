package dev.sluice.common.config;

import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;

/// What the audit stream says.
@Doc("What the audit stream says.")
public record AuditConfig(
        @Doc(
                        "Whether it says what people, models and tools said: messages, answers, and"
                                + " the arguments and results of tool calls. Without it tool calls have"
                                + " a hash of their arguments. The metadata that clients give their runs is always there.")
                @Default("false")
                boolean includeContent) {}
