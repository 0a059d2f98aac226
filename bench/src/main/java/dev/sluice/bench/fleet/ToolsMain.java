package dev.sluice.bench.fleet;

import dev.sluice.embedded.mcp.McpHttpServer;
import java.util.concurrent.CountDownLatch;

/// The process of the tools: the embedded MCP server on a free port. Prints `ready` and its
/// address, and serves until it is killed.
public final class ToolsMain {
    private ToolsMain() {}

    /// Serves on 127.0.0.1.
    public static void main(String[] args) throws InterruptedException {
        McpHttpServer server = McpHttpServer.start(0);
        System.out.println("ready " + server.url());
        new CountDownLatch(1).await();
    }
}
