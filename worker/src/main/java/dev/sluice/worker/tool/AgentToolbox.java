package dev.sluice.worker.tool;

import dev.sluice.common.config.ToolFilter;
import dev.sluice.worker.run.Tool;
import dev.sluice.worker.run.Toolbox;
import dev.sluice.worker.tool.mcp.McpServer;
import dev.sluice.worker.tool.mcp.McpTool;
import java.util.ArrayList;
import java.util.List;

/// The tools of one agent's MCP servers, under names that are unique among them.
///
/// @param servers in the agent's order
/// @param filter on the names that the model would see
record AgentToolbox(List<McpServer> servers, ToolFilter filter) implements Toolbox {
    AgentToolbox {
        servers = List.copyOf(servers);
    }

    @Override
    public Opened open() throws InterruptedException {
        // All at once: the slowest sets the wait, not the sum.
        servers.forEach(McpServer::prepare);
        List<Offer> offers = new ArrayList<>();
        for (McpServer server : servers) {
            List<McpTool> tools = server.open();
            if (tools == null) {
                return new Opened.Unavailable(server.name());
            }
            tools.forEach(tool -> offers.add(new Offer(server, tool)));
        }
        List<String> names = ToolNames.of(offers.stream().map(Offer::key).toList());
        List<Tool> admitted = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            // A pattern is written for the whole name, of which a model may be shown a shorter one.
            if (filter.admits(names.get(i), offers.get(i).wholeName())) {
                admitted.add(offers.get(i).as(names.get(i)));
            }
        }
        return new Opened.Tools(admitted);
    }

    private record Offer(McpServer server, McpTool tool) {
        ToolNames.Key key() {
            return new ToolNames.Key(server.name(), tool.name());
        }

        String wholeName() {
            return server.name() + "__" + tool.name();
        }

        Tool as(String name) {
            return server.tool(name, tool);
        }
    }
}
