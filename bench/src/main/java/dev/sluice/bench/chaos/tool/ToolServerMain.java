package dev.sluice.bench.chaos.tool;

import dev.sluice.bench.chaos.script.ToolKind;
import dev.sluice.embedded.mcp.McpHttpServer;
import dev.sluice.embedded.mcp.ToolWork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/// The process of the tools. Its arguments are its port and the ledger's file; it prints `ready`
/// and its address, and serves until it is killed.
public final class ToolServerMain {
    private ToolServerMain() {}

    /// Serves on 127.0.0.1.
    public static void main(String[] args) throws IOException, InterruptedException {
        ToolLedger ledger = ToolLedger.open(Path.of(args[1]));
        McpHttpServer server = McpHttpServer.start(Integer.parseInt(args[0]));
        for (ToolKind kind : ToolKind.values()) {
            server.addTool(kind.toolName(), kind.hints(), call -> work(kind, call, ledger));
        }
        System.out.println("ready " + server.url());
        new CountDownLatch(1).await();
    }

    private static String work(ToolKind kind, ToolWork.Call call, ToolLedger ledger)
            throws InterruptedException {
        String key = String.valueOf(call.arguments().get("key"));
        String id = String.valueOf(call.meta().get(ToolLedger.IDEMPOTENCY_KEY));
        ledger.write(ToolLedger.Phase.STARTED, kind, key, id);
        try {
            Thread.sleep(Long.parseLong(String.valueOf(call.arguments().get("millis"))));
        } catch (InterruptedException e) {
            ledger.write(ToolLedger.Phase.CANCELLED, kind, key, id);
            throw e;
        }
        ledger.write(ToolLedger.Phase.COMPLETED, kind, key, id);
        return kind.result(key);
    }
}
