package dev.sluice.bench.fleet;

import java.net.URI;

/// What a deployment is made of.
///
/// @param script of the model
/// @param modelPort where the model listens; 0: on a free port
/// @param workers how many there are at first
/// @param slots of each worker
/// @param tools whether there is an MCP server, and an agent [#TOOLS] that uses it
public record Layout(String script, int modelPort, int workers, int slots, boolean tools) {
    /// The model, by its own name.
    public static final String MODEL = "scripted";

    /// The agent that has only its model.
    public static final String PLAIN = "plain";

    /// The agent that has tools.
    public static final String TOOLS = "tools";

    /// More than any trial has at once.
    private static final int PLENTY = 20_000;

    /// One worker with plenty of slots, and no tools.
    public static Layout plain(String script) {
        return new Layout(script, 0, 1, PLENTY, false);
    }

    /// The same with the model on a certain port.
    public Layout modelAt(int port) {
        return new Layout(script, port, workers, slots, tools);
    }

    /// The configuration of gateway and workers: defaults, but for what would bound the trial.
    String yaml(String kafka, String redis, URI model, String tools) {
        String servers =
                tools.isEmpty()
                        ? ""
                        : """
                        mcp_servers:
                          tools: { transport: streamable_http, url: '%s', start: eager }
                        """
                                .formatted(tools);
        String agent =
                tools.isEmpty()
                        ? ""
                        : "  tools: { provider: scripted, model: scripted, mcp_servers: [tools] }";
        return """
        providers:
          scripted: { kind: openai, base_url: '%s', max_connections: %d }
        %sagents:
          plain: { provider: scripted, model: scripted }
        %s
        gateway: { port: 0, max_waiting: %2$d }
        worker: { port: 0, concurrency: %d }
        kafka: { bootstrap_servers: '%s' }
        redis: { url: '%s' }
        """
                .formatted(model, PLENTY, servers, agent, slots, kafka, redis);
    }
}
