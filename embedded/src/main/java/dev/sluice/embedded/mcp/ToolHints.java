package dev.sluice.embedded.mcp;

/// What a tool says about repeating its calls.
public enum ToolHints {
    /// It changes nothing, and so may be called again.
    READ_ONLY,
    /// It changes something, and a second call changes nothing more.
    IDEMPOTENT,
    /// Each call has an effect of its own.
    NEITHER
}
