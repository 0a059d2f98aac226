package dev.sluice.gateway.run;

import dev.sluice.common.run.AttemptRule;

/// Where in a run's journal a reader begins. Used once.
///
/// @param rule the attempt rule as it stands there
/// @param offset the first offset to be read
public record Beginning(AttemptRule rule, long offset) {
    /// The beginning of a run that has no events before an offset.
    static Beginning at(long offset) {
        return new Beginning(new AttemptRule(), offset);
    }
}
