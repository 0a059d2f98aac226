package dev.sluice.worker.tool;

import dev.sluice.common.config.AgentConfig;
import dev.sluice.common.config.ByteSize;
import dev.sluice.common.config.McpServerConfig;
import dev.sluice.common.config.McpServerConfig.Start;
import dev.sluice.common.config.McpServerConfig.Transport;
import dev.sluice.common.config.Secret;
import dev.sluice.common.config.ToolFilter;
import dev.sluice.common.run.RunRequest.OnDisconnect;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Configurations for tests.
final class Configs {
    static final ToolFilter ALL = new ToolFilter(List.of(), List.of());

    private static final ByteSize CAP = new ByteSize(256 * 1024);
    private static final Duration START_TIMEOUT = Duration.ofSeconds(20);

    private Configs() {}

    /// A Java program of the test class path as a server.
    static McpServerConfig stdio(String main, Duration callTimeout, List<String> arguments) {
        List<String> args =
                new ArrayList<>(
                        List.of(
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Xmx64m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                main));
        args.addAll(arguments);
        return command(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                args,
                callTimeout,
                START_TIMEOUT,
                ALL);
    }

    static McpServerConfig command(
            String command,
            List<String> args,
            Duration callTimeout,
            Duration startTimeout,
            ToolFilter tools) {
        return new McpServerConfig(
                Transport.STDIO,
                command,
                args,
                Map.of("GREETING", new Secret("hello")),
                null,
                null,
                Map.of(),
                Start.LAZY,
                tools,
                callTimeout,
                startTimeout,
                CAP,
                false);
    }

    static McpServerConfig http(Transport transport, String url, Duration callTimeout) {
        return new McpServerConfig(
                transport,
                null,
                List.of(),
                Map.of(),
                null,
                URI.create(url),
                Map.of("X-Api-Key", new Secret("sesame")),
                Start.LAZY,
                ALL,
                callTimeout,
                START_TIMEOUT,
                CAP,
                false);
    }

    static McpServerConfig with(McpServerConfig config, Start start, Duration startTimeout) {
        return new McpServerConfig(
                config.transport(),
                config.command(),
                config.args(),
                config.env(),
                config.cwd(),
                config.url(),
                config.headers(),
                start,
                config.tools(),
                config.callTimeout(),
                startTimeout,
                config.maxResultBytes(),
                config.idempotent());
    }

    static McpServerConfig with(McpServerConfig config, ToolFilter tools, ByteSize cap) {
        return new McpServerConfig(
                config.transport(),
                config.command(),
                config.args(),
                config.env(),
                config.cwd(),
                config.url(),
                config.headers(),
                config.start(),
                tools,
                config.callTimeout(),
                config.startTimeout(),
                cap,
                config.idempotent());
    }

    static McpServerConfig idempotent(McpServerConfig config) {
        return new McpServerConfig(
                config.transport(),
                config.command(),
                config.args(),
                config.env(),
                config.cwd(),
                config.url(),
                config.headers(),
                config.start(),
                config.tools(),
                config.callTimeout(),
                config.startTimeout(),
                config.maxResultBytes(),
                true);
    }

    static AgentConfig agent(ToolFilter tools, String... servers) {
        return new AgentConfig(
                "provider",
                "model",
                null,
                null,
                AgentConfig.InstructionsMode.PREPEND,
                List.of(servers),
                tools,
                8,
                OnDisconnect.CANCEL,
                Map.of());
    }
}
