package dev.sluice.bench.chaos.script;

import dev.sluice.embedded.mcp.ToolHints;
import java.util.Locale;

/// The tools that errands use, one of each kind as far as repeating a call goes.
public enum ToolKind {
    /// Reads.
    LOOK(ToolHints.READ_ONLY),
    /// Writes the same however often it is called.
    PUT(ToolHints.IDEMPOTENT),
    /// Has an effect with each call.
    BOOK(ToolHints.NEITHER);

    /// The name of the MCP server in the configuration.
    public static final String SERVER = "bench";

    private final ToolHints hints;

    ToolKind(ToolHints hints) {
        this.hints = hints;
    }

    /// What it says of itself.
    public ToolHints hints() {
        return hints;
    }

    /// Its name at its server.
    public String toolName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The name by which models know it.
    public String modelName() {
        return SERVER + "__" + toolName();
    }

    /// Whether a call may be made again.
    public boolean repeatable() {
        return hints != ToolHints.NEITHER;
    }

    /// What a call with this key returns.
    public String result(String key) {
        return toolName() + " " + key + " done";
    }
}
