package dev.sluice.bench.peer;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.sluice.bench.latency.LatencyPlan;
import dev.sluice.bench.streams.StreamsPlan;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Whom to put beside Sluice, and how much is measured.
///
/// @param url of the peer's API, ending in `/v1`
/// @param model that the peer is asked for
/// @param key that the peer wants; null: none
/// @param modelPort where the scripted model serves, to which the peer has to be pointed
/// @param patience for the peer to answer
public record PeerPlan(
        URI url,
        String model,
        @JsonIgnore @Nullable String key,
        int modelPort,
        Duration patience,
        LatencyPlan latency,
        StreamsPlan streams) {}
