package dev.sluice.embedded.mcp;

import io.modelcontextprotocol.server.McpAsyncServer;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.spec.McpServerTransportProvider;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;

/// The demo's MCP server over standard input and output, until the input ends.
///
/// Nothing but the protocol goes to standard output. An argument `--tools-per-page=N` pages the
/// listing of tools.
public final class McpStdioMain {

    private static final String PER_PAGE = "--tools-per-page=";

    private McpStdioMain() {}

    /// Serves until standard input ends.
    public static void main(String[] args) throws IOException {
        // The protocol is UTF-8, whatever the locale.
        PrintStream out =
                new PrintStream(
                        new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        System.setOut(System.err);
        int perPage = 0;
        for (String arg : args) {
            if (!arg.matches(PER_PAGE + "\\d{1,6}")) {
                System.err.println("unknown argument " + arg + "; known is " + PER_PAGE + "N");
                System.exit(2);
            }
            perPage = Integer.parseInt(arg.substring(PER_PAGE.length()));
        }
        StdioTransport transport = new StdioTransport(Wire.paging(perPage), out);
        McpServerTransportProvider provider = transport;
        McpAsyncServer server =
                McpServers.serve(McpServer.async(provider), new DemoTools(Clock.systemUTC()));
        transport.serve(System.in);
        server.close();
    }
}
