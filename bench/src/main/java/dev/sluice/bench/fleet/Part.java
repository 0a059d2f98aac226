package dev.sluice.bench.fleet;

import java.util.Locale;

/// A part of what is measured, each in processes of its own.
public enum Part {
    /// The gateway.
    GATEWAY,
    /// The workers, all together.
    WORKER,
    /// Kafka.
    BROKER,
    /// Redis.
    REDIS,
    /// The scripted model.
    MODEL,
    /// The MCP server.
    TOOLS,
    /// This process: the load generator.
    LOAD;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
