package dev.sluice.common.config;

import dev.sluice.common.config.binding.Checks;
import dev.sluice.common.config.binding.Default;
import dev.sluice.common.config.binding.Doc;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An MCP server whose tools agents may use.
@Doc("An MCP server whose tools agents may use.")
public record McpServerConfig(
        @Doc("How the server is reached.") Transport transport,
        @Doc("`stdio`: the program to start.") @Nullable String command,
        @Doc("`stdio`: its arguments. Whoever may list processes sees them: secrets go in `env`.")
                List<String> args,
        @Doc("`stdio`: variables added to its environment.") Map<String, Secret> env,
        @Doc("`stdio`: the folder it runs in; the worker's own where absent.") @Nullable String cwd,
        @Doc("`streamable_http`, `sse`: the server's address.") @Nullable URI url,
        @Doc("`streamable_http`, `sse`: headers of every request.") Map<String, Secret> headers,
        @Doc("`lazy` connects when a run first needs the server, `eager` when the worker starts.")
                @Default("lazy")
                Start start,
        @Default("{}") ToolFilter tools,
        @Doc("How long one tool call may take.") @Default("60s") Duration callTimeout,
        @Doc("How long connecting and listing the tools may take.") @Default("30s")
                Duration startTimeout,
        @Doc(
                        "What of a tool's result the model gets to see; the rest is cut, and the text says so.")
                @Default("256KiB")
                ByteSize maxResultBytes,
        @Doc(
                        "Whether its tools may be called again where a crash left it open whether they"
                                + " were. Tools that say so themselves (`readOnlyHint`, `idempotentHint`)"
                                + " need not be named here.")
                @Default("false")
                boolean idempotent) {

    /// The ways to reach an MCP server.
    public enum Transport {
        /// A child process, over its standard input and output.
        STDIO,
        /// Streamable HTTP.
        STREAMABLE_HTTP,
        /// The older HTTP with server-sent events.
        SSE
    }

    /// When the server is connected to.
    public enum Start {
        /// When a run first needs it.
        LAZY,
        /// When the worker starts.
        EAGER
    }

    public McpServerConfig {
        args = List.copyOf(args);
        env = FileOrder.copy(env);
        headers = FileOrder.copy(headers);
        boolean stdio = transport == Transport.STDIO;
        boolean http =
                url != null
                        && url.getHost() != null
                        && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()));
        String notStdio = "goes only with transport: stdio";
        String notHttp = "does not go with transport: stdio";
        new Checks()
                .that(
                        !stdio || (command != null && !command.isBlank()),
                        "command",
                        "is required with transport: stdio",
                        "transport")
                .that(stdio || command == null, "command", notStdio, "transport")
                .that(stdio || args.isEmpty(), "args", notStdio, "transport")
                .that(stdio || env.isEmpty(), "env", notStdio, "transport")
                .that(stdio || cwd == null, "cwd", notStdio, "transport")
                .that(
                        stdio || url != null,
                        "url",
                        "is required with transport: streamable_http and sse",
                        "transport")
                .that(
                        stdio || url == null || http,
                        "url",
                        "must be an http or https URL with a host",
                        "transport")
                .that(
                        url == null || url.getRawUserInfo() == null,
                        "url",
                        "must not hold a user or a password: use headers")
                .that(!stdio || url == null, "url", notHttp, "transport")
                .that(!stdio || headers.isEmpty(), "headers", notHttp, "transport")
                .that(callTimeout.isPositive(), "call_timeout", "must be longer than 0")
                .that(startTimeout.isPositive(), "start_timeout", "must be longer than 0")
                .that(maxResultBytes.bytes() >= 1024, "max_result_bytes", "must be 1KiB or more")
                .done();
    }
}
