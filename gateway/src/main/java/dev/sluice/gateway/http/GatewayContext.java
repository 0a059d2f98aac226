package dev.sluice.gateway.http;

import dev.sluice.common.config.SluiceConfig;
import dev.sluice.common.monitor.Metrics;
import dev.sluice.common.monitor.Readiness;
import dev.sluice.common.redis.Redis;
import dev.sluice.common.redis.RunStates;
import dev.sluice.gateway.admin.FleetWatch;
import dev.sluice.gateway.http.access.Admission;
import dev.sluice.gateway.http.access.Backlog;
import dev.sluice.gateway.http.access.Denials;
import dev.sluice.gateway.run.RunDirectory;
import dev.sluice.gateway.run.RunLog;
import dev.sluice.gateway.run.RunPublisher;
import dev.sluice.gateway.run.Watchers;
import java.time.Clock;
import java.time.Instant;

/// What all event loops of a gateway share.
///
/// @param started when this process started: since when its agents are there
public record GatewayContext(
        SluiceConfig config,
        RunPublisher publisher,
        RunStates states,
        RunDirectory runs,
        RunLog journals,
        Watchers watchers,
        Redis redis,
        Metrics metrics,
        GatewayMeters meters,
        Readiness readiness,
        Admission admission,
        Backlog backlog,
        Denials denials,
        FleetWatch fleet,
        Clock clock,
        Instant started) {}
