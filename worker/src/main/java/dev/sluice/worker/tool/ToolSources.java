package dev.sluice.worker.tool;

import dev.sluice.common.config.AgentConfig;
import dev.sluice.common.config.McpServerConfig;
import dev.sluice.worker.run.Toolbox;
import dev.sluice.worker.tool.mcp.McpServer;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/// Every source of tools that a worker knows, each with the one session that all runs share. Safe
/// for any number of threads.
public final class ToolSources implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final Map<String, McpServerConfig> configs;
    private final Map<String, McpServer> servers = new LinkedHashMap<>();
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .executor(Executors.newVirtualThreadPerTaskExecutor())
                    .build();

    /// Connects to nothing yet.
    ///
    /// @param configs the MCP servers by name
    /// @param meters get the timer `sluice.tool.calls`, tagged `server`, `tool` and `outcome`
    public ToolSources(Map<String, McpServerConfig> configs, MeterRegistry meters) {
        this.configs = Map.copyOf(configs);
        configs.forEach(
                (name, config) -> servers.put(name, new McpServer(name, config, client, meters)));
    }

    /// The tools of an agent. An agent that names a server which is not configured has a toolbox
    /// that does not open.
    public Toolbox toolbox(AgentConfig agent) {
        List<McpServer> used = new ArrayList<>();
        for (String name : agent.mcpServers()) {
            McpServer server = servers.get(name);
            if (server == null) {
                return () -> new Toolbox.Opened.Unavailable(name);
            }
            if (!used.contains(server)) {
                used.add(server);
            }
        }
        return new AgentToolbox(used, agent.tools());
    }

    /// Connects to the servers that are configured with `start: eager`, without waiting for them. A
    /// server that cannot be reached is logged, and tried again by the first run that needs it.
    public void startEager() {
        configs.forEach((name, config) -> {
            McpServer server = servers.get(name);
            if (server != null && config.start() == McpServerConfig.Start.EAGER) {
                server.prepare();
            }
        });
    }

    /// Ends all sessions and child processes; calls in flight end with an error. Blocks for five
    /// seconds at most.
    @Override
    public void close() {
        List<Thread> closing =
                servers.values().stream()
                        .map(server ->
                                Thread.ofVirtual()
                                        .name("mcp-close-" + server.name())
                                        .start(server::close))
                        .toList();
        try {
            for (Thread thread : closing) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            client.shutdownNow();
        }
    }
}
