package dev.sluice.embedded.mcp;

import io.modelcontextprotocol.server.McpAsyncServer;
import io.modelcontextprotocol.server.McpServer.AsyncSpecification;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;

/// Builds the server that stands behind each transport.
final class McpServers {

    private McpServers() {}

    static McpAsyncServer serve(AsyncSpecification<?> specification, DemoTools tools) {
        return specification
                .serverInfo("sluice-demo-tools", "1")
                .capabilities(ServerCapabilities.builder().tools(true).build())
                .tools(tools.specifications())
                .build();
    }
}
