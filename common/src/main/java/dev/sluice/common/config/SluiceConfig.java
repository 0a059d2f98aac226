package dev.sluice.common.config;

import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;
import java.util.List;
import java.util.Map;

/// The whole of `sluice.yaml`; the same file serves gateway and worker.
@Doc("The whole file.")
public record SluiceConfig(
        @Doc("Upstream model providers, by name.") Map<String, ProviderConfig> providers,
        @Doc("MCP servers whose tools agents may use, by name.")
                Map<String, McpServerConfig> mcpServers,
        @Doc("Agents, by the name that clients send as `model`.") Map<String, AgentConfig> agents,
        @Doc(
                        "API keys that clients may present. Without any the gateway is open, and then"
                                + " serves only a loopback address.")
                List<KeyConfig> keys,
        @Default("{}") RunConfig run,
        @Default("{}") GatewayConfig gateway,
        @Default("{}") WorkerConfig worker,
        @Default("{}") JobsConfig jobs,
        @Default("{}") KafkaConfig kafka,
        @Default("{}") RedisConfig redis,
        @Default("{}") AuditConfig audit,
        @Default("{}") LogConfig log) {

    public SluiceConfig {
        providers = FileOrder.copy(providers);
        mcpServers = FileOrder.copy(mcpServers);
        agents = FileOrder.copy(agents);
        keys = List.copyOf(keys);
    }
}
