package dev.sluice.bench.chaos.fleet;

import dev.sluice.bench.chaos.script.ToolKind;
import java.net.URI;

/// The configuration of the fleet's gateways and workers.
///
/// Leases have their defaults, since those are what is tried. Drains are short, so that they meet
/// runs that have to be handed over; crashes are not counted against a run, since it meets more of
/// them here in a minute than elsewhere in a year.
///
/// @param kafka the broker's address
/// @param redis Redis' URL
/// @param model the model's base URL
/// @param tools the tools' URL
record FleetConfig(String kafka, String redis, URI model, URI tools) {
    /// The API key of all clients.
    static final String KEY = "sk-bench";

    /// As YAML, for a gateway on that port, and for any worker.
    String yaml(int port) {
        return """
        providers:
          scripted: { kind: openai, base_url: '%s' }
        mcp_servers:
          %s: { transport: streamable_http, url: '%s' }
        agents:
          talker: { provider: scripted, model: scripted, on_disconnect: continue }
          worker:
            provider: scripted
            model: scripted
            mcp_servers: [%2$s]
            on_disconnect: continue
        keys: [ { id: bench, key: %s } ]
        gateway: { port: %d, heartbeat: 1s, run_timeout: 5m, drain_timeout: 5s }
        worker: { port: 0, drain_timeout: 1s }
        run: { max_crashes: 100 }
        kafka: { bootstrap_servers: '%s', partitions: { replies: 8 } }
        redis: { url: '%s' }
        """
                .formatted(model, ToolKind.SERVER, tools, KEY, port, kafka, redis);
    }
}
