package dev.sluice.common.run;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Why a turn, and with it a run, came to its end.
public enum FinishReason {
    /// The model had said what it had to say.
    @JsonProperty("stop")
    STOP,
    /// A limit on tokens was reached.
    @JsonProperty("length")
    LENGTH,
    /// The model called tools.
    @JsonProperty("tool_calls")
    TOOL_CALLS,
    /// The provider withheld content.
    @JsonProperty("content_filter")
    CONTENT_FILTER
}
