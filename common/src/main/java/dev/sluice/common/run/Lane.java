package dev.sluice.common.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/// A queue of runs: each lane has a topic of its own, which workers share as a group of their own.
public enum Lane {
    /// Somebody waits for the answer. Workers take these runs as long as they have a slot.
    @JsonProperty("interactive")
    INTERACTIVE,
    /// Nobody is in a hurry. Workers take these runs into what capacity is spare.
    @JsonProperty("batch")
    BATCH;

    /// The name that clients and records know it by.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
